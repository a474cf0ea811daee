import { decodeUtf8 } from "../../core/canonical_json.ts";
import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import type { Limits } from "../../core/documents/grant.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import type { EraseTypes } from "../../core/module.ts";
import type { Outcome } from "../../core/outcome.ts";
import { AGENT_LIMITS } from "../limits.ts";
import { NodeRefusal } from "./node_refusal.ts";
import type { Runner } from "./runner.ts";

/** The script that erases: our own, in a cell like any other. */
const ERASER = {
  javascript: `import { stripTypeScriptTypes } from "node:module";
export default { run: (typescript) => stripTypeScriptTypes(typescript, { mode: "strip" }) };`,
  scriptUrl: "script://writ/erase-types@1.0.0",
};
/** For 8 MiB of TypeScript, which is the most a module may be. */
const LIMITS: Limits = {
  memoryBytes: 1_000_000_000,
  cpuMs: 5_000,
  wallMs: 20_000,
  outputBytes: 32_000_000,
  runs: 1,
};

/**
 * Erases the types of modules, each in a cell of its own. The parser is native code: three thousand
 * parentheses overflow its stack and end the process, and two hundred characters of nested generics
 * keep it busy for ever. In the agent, one signed module would stop every script, and again after
 * each restart, as its order still waits.
 */
export class TypeEraser {
  readonly #runner: Pick<Runner, "run">;
  /** What was erased before, by the module's digest; the one used longest ago leaves first. */
  readonly #known = new Map<Digest, string>();
  #characters = 0;

  constructor(runner: Pick<Runner, "run">) {
    this.#runner = runner;
  }

  /**
   * Erases ahead of verification, which is synchronous. What will be refused there for another
   * reason is not looked at.
   *
   * @returns What gives the JavaScript of exactly these bytes, or throws why there is none.
   * @throws {NodeRefusal} cell_start – no cell could be started
   * @throws the signal's reason when it is aborted
   */
  async prepare(
    bytes: Uint8Array,
    { module }: Manifest,
    signal: AbortSignal,
  ): Promise<EraseTypes> {
    const text = module.mediaType === "application/typescript" ? decodeUtf8(bytes) : undefined;
    const digest = digestOf(bytes);
    if (text === undefined || digest !== module.sha256) return neverAsked;
    const known = this.#recall(digest);
    if (known !== undefined) return () => known;
    const { outcome } = await this.#runner.run({ permissions: {}, limits: LIMITS }, {
      ...ERASER,
      input: text,
      signal,
    });
    signal.throwIfAborted();
    if (outcome.outcome === "ok" && typeof outcome.result === "string") {
      const javascript = outcome.result;
      this.#keep(digest, javascript);
      return () => javascript;
    }
    if (outcome.outcome === "refused") {
      throw new NodeRefusal("cell_start", outcome.detail.message);
    }
    return () => {
      throw new SyntaxError(whyNot(outcome));
    };
  }

  #recall(digest: Digest): string | undefined {
    const javascript = this.#known.get(digest);
    if (javascript === undefined) return undefined;
    this.#known.delete(digest);
    this.#known.set(digest, javascript);
    return javascript;
  }

  #keep(digest: Digest, javascript: string): void {
    if (this.#known.has(digest)) return;
    this.#known.set(digest, javascript);
    this.#characters += javascript.length;
    for (const [oldest, text] of this.#known) {
      if (this.#characters <= AGENT_LIMITS.ERASED_CHARACTERS) break;
      this.#known.delete(oldest);
      this.#characters -= text.length;
    }
  }
}

function whyNot(outcome: Outcome): string {
  return outcome.outcome === "script_error"
    ? outcome.detail.message
    : `it nests too deep or takes too long (${outcome.outcome})`;
}

function neverAsked(): never {
  throw new TypeError("Cannot erase types of a module that must be refused before");
}
