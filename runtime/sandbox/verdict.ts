import type { Limits } from "../core/documents/grant.ts";
import type { Outcome } from "../core/outcome.ts";

/** What a harness says of an error in a script. The strings are the script's to choose. */
export interface ScriptFailure {
  name: string;
  message: string;
  stack: string;
  /** The error was Deno's `NotCapable`. */
  denied: boolean;
  /** The harness itself could not get memory when the error arrived. */
  starved: boolean;
}

/** How a cell's process ended, with what the agent knew of it. */
export interface CellEnd {
  code: number;
  signal: string | null;
  stderrTail: string;
  /** Most memory the run was seen to add. */
  peakBytes: number;
  /** Processor time at the last heartbeat. */
  cpuMs: number;
}

/**
 * Characters of a message in which a refusal is looked for. The patterns below go over a text once
 * for each place where they could begin, so a long one that was made for them would keep the agent
 * busy for minutes.
 */
const LOOKED_AT = 4096;
const REQUIRES = /Requires (\w+) access to (?:"([^"]*)"|<([^>]*)>|([^,]+)), run again/;
const REQUIRES_ANY = /Requires (\w+) access, run again/;
const REMOTE_IMPORT = /A remote specifier was requested: "([^"]*)", but --no-remote/;
const NPM_IMPORT = /--no-npm|npm specifiers? (?:were|was|is) .*(?:disabled|not)/;
const NO_MEMORY =
  /Array buffer allocation failed|Invalid array buffer length|could not allocate memory|Unable to grow instance memory|Out of memory/i;
/** V8 at its own heap limit. */
const HEAP_LIMIT = /Reached heap limit|Ineffective mark-compacts|heap out of memory/;
/** V8 or the allocator refused by the system. */
const NATIVE_OUT_OF_MEMORY =
  /Fatal (?:JavaScript|process) out of memory|memory allocation of \d+ bytes failed|unable to create worker threads|Failed to reserve|failed to spawn thread|Cannot allocate memory|out of memory/i;

/** Signals that V8 and the allocator end a process with when memory is refused. */
const MEMORY_SIGNALS = new Set(["SIGTRAP", "SIGABRT", "SIGILL", "SIGSEGV"]);

/**
 * The outcome of an error that the script let out. Told apart: a permission it does not have, the
 * memory limit, and everything else.
 */
export function verdictOfFailure(failure: ScriptFailure, limits: Limits): Outcome {
  const { name, message, stack } = failure;
  const denied = deniedPermission(failure);
  if (denied) return { outcome: "denied", detail: { ...denied, message } };
  if (failure.starved || (name === "RangeError" && NO_MEMORY.test(message.slice(0, LOOKED_AT)))) {
    return { outcome: "memory", detail: { kind: "native", limitBytes: limits.memoryBytes } };
  }
  return { outcome: "script_error", detail: { name, message, ...(stack ? { stack } : {}) } };
}

function deniedPermission(
  failure: ScriptFailure,
): { permission: string; value: string } | undefined {
  const { denied } = failure;
  const message = failure.message.slice(0, LOOKED_AT);
  const requires = REQUIRES.exec(message);
  if (requires) {
    return { permission: requires[1]!, value: requires[2] ?? requires[3] ?? requires[4] ?? "" };
  }
  const any = REQUIRES_ANY.exec(message);
  if (any) return { permission: any[1]!, value: "" };
  const remote = REMOTE_IMPORT.exec(message);
  if (remote) return { permission: "import", value: remote[1]! };
  if (NPM_IMPORT.test(message)) {
    return { permission: "import", value: /"?((?:npm|jsr):[^"\s]+)"?/.exec(message)?.[1] ?? "npm" };
  }
  return denied ? { permission: "unknown", value: "" } : undefined;
}

/**
 * The outcome of a cell that ended before it answered. A message on stderr can be forged and so
 * decides only between verdicts that cost nobody but the script.
 */
export function verdictOfExit(end: CellEnd, limits: Limits): Outcome {
  const nearMemoryLimit = end.peakBytes >= limits.memoryBytes / 2;
  if (end.signal === "SIGKILL" || end.signal === "SIGXCPU") {
    // RLIMIT_CPU, which counts a little longer than the grant, so the figures must agree.
    if (end.cpuMs >= limits.cpuMs / 2) {
      return { outcome: "cpu", detail: { limitMs: limits.cpuMs } };
    }
  }
  if (MEMORY_SIGNALS.has(end.signal ?? "") || end.code === 1 || end.code === 133) {
    const limitBytes = limits.memoryBytes;
    if (HEAP_LIMIT.test(end.stderrTail)) {
      return { outcome: "memory", detail: { kind: "heap", limitBytes } };
    }
    if (nearMemoryLimit || NATIVE_OUT_OF_MEMORY.test(end.stderrTail)) {
      return { outcome: "memory", detail: { kind: "native", limitBytes } };
    }
  }
  return end.signal === null
    ? { outcome: "exited", detail: { code: end.code } }
    : { outcome: "exited", detail: { signal: end.signal } };
}
