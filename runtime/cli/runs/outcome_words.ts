import type { Outcome } from "../../core/outcome.ts";
import { printable, printableLines } from "../../core/printable.ts";

/** A run that ended, from `try` or from an agent. */
export interface EndedRun {
  readonly outcome: Outcome["outcome"];
  readonly detail: Readonly<Record<string, unknown>> | null;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly peakBytes: number;
  readonly level: number | null;
  readonly shared?: true;
}

/** What stands after the outcome's own word: ` after 2000 ms of processor time`. */
export function describeOutcome(
  { outcome, detail }: Pick<EndedRun, "outcome" | "detail">,
): string {
  const field = (name: string) => printable(String(detail?.[name] ?? ""));
  switch (outcome) {
    case "ok":
      return "";
    case "script_error": {
      const stack = String(detail?.stack ?? "");
      const head = `${field("name")}: ${field("message")}`;
      return `: ${stack === "" ? head : printableLines(stack)}`;
    }
    case "denied":
      return `: ${field("permission")} ${JSON.stringify(field("value"))} is not granted`;
    case "cpu":
      return `: more than ${field("limitMs")} ms of processor time`;
    case "wall":
      return detail?.reason === "unresponsive"
        ? `: silent for ${field("limitMs")} ms`
        : `: not done after ${field("limitMs")} ms`;
    case "memory":
      return `: more than ${megabytes(detail?.limitBytes)} of ${field("kind")} memory`;
    case "output":
      return `: more than ${field("limitBytes")} bytes of result, logs and events`;
    case "exited":
      return `: the cell ended with ${
        detail && "signal" in detail ? `signal ${field("signal")}` : `code ${field("code")}`
      }`;
    case "refused":
      return ` by ${field("rule")}: ${field("message")}`;
    case "protocol":
      return `: ${field("message")}`;
    case "cancelled":
    case "interrupted":
      return `: ${field("reason")}`;
  }
}

/** The next step, where there is one. */
export function hintFor({ outcome, detail }: EndedRun): string | undefined {
  switch (outcome) {
    case "denied":
      return hintForDenied(String(detail?.permission), String(detail?.value));
    case "cpu":
      return 'raise "limits: { cpu: … }" in the grant, if the work is worth it';
    case "wall":
      return 'raise "limits: { wall: … }" in the grant, or stop at ctx.signal';
    case "memory":
      return 'raise "limits: { memory: … }" in the grant, or stream what is large';
    case "output":
      return 'raise "limits: { output: … }" in the grant, or log less';
    case "refused":
      return REFUSED[String(detail?.rule)];
    default:
      return undefined;
  }
}

/** The next step for those who own the policy, by the rule that refused. */
const REFUSED: Readonly<Record<string, string>> = {
  not_accepted: "if it may run: writ policy pending lists it, writ policy approve lets it",
  unknown_publisher: "if you trust it: writ policy approve SCRIPT --publisher-key KEY",
  not_found: 'publish it into one of the "sources" of policy/fleet.yaml',
};

function hintForDenied(permission: string, value: string): string | undefined {
  if (permission === "import") return "a script is one file: bundle what it needs into it";
  if (!["net", "read", "write", "env", "sys"].includes(permission)) return undefined;
  const list = `${permission}: [${JSON.stringify(value)}]`;
  const hint = `if it is meant to, say so in the grant: permissions: { ${list} }`;
  if (permission !== "net" || !/^[\d[]/.test(value)) return hint;
  return `${hint}; a name of your own network needs { address: "NAME:PORT", internal: true }`;
}

function megabytes(bytes: unknown): string {
  return `${Number(bytes) / 1e6} MB`;
}
