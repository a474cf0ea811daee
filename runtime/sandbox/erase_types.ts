import type { Limits } from "../core/documents/grant.ts";
import type { Outcome } from "../core/outcome.ts";
import type { RunReport, RunRequest } from "./run_request.ts";

/** The script that erases: our own, in a cell like any other. */
const ERASER = {
  javascript: `import { stripTypeScriptTypes } from "node:module";
export default { run: (typescript) => stripTypeScriptTypes(typescript, { mode: "strip" }) };`,
  scriptUrl: "script://writ/erase-types@1.0.0",
};

/** For 8 MiB of TypeScript, which is the most a module may be. */
export const ERASER_LIMITS: Limits = {
  memoryBytes: 1_000_000_000,
  cpuMs: 5_000,
  wallMs: 20_000,
  outputBytes: 32_000_000,
  runs: 1,
};

/** What came of a text whose types were to be erased. */
export type Erased =
  | { readonly javascript: string }
  /** The text's fault, in words. */
  | { readonly fault: string }
  /** No cell could be started, so nothing is known of the text. */
  | { readonly notStarted: string };

/**
 * Erases the types of one text in a cell of its own. The parser is native code: three thousand
 * parentheses overflow its stack and end the process, and two hundred characters of nested generics
 * keep it busy for ever, deaf to signals. No process that must answer for itself may call it.
 *
 * @param run Runs a script in a cell without any right, within {@linkcode ERASER_LIMITS}.
 */
export async function eraseTypes(
  typescript: string,
  run: (request: RunRequest) => Promise<RunReport>,
  signal?: AbortSignal,
): Promise<Erased> {
  const request = { ...ERASER, input: typescript, ...(signal ? { signal } : {}) };
  const { outcome } = await run(request);
  signal?.throwIfAborted();
  if (outcome.outcome === "ok" && typeof outcome.result === "string") {
    return { javascript: outcome.result };
  }
  if (outcome.outcome === "refused") return { notStarted: outcome.detail.message };
  return { fault: faultOf(outcome) };
}

function faultOf(outcome: Outcome): string {
  return outcome.outcome === "script_error"
    ? outcome.detail.message
    : `it nests too deep or takes too long (${outcome.outcome})`;
}
