import { printableLines } from "../core/printable.ts";
import { CliError } from "./errors.ts";
import type { Paint } from "./terminal/paint.ts";

/** What is told of a failure; `code` is stable. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Exit code: 1 refused or failed, 2 wrong usage. */
  readonly exit: 1 | 2;
}

/** Errors of other rooms, by name: their classes would have to be loaded to be asked. */
const KNOWN = new Set([
  "VerificationError",
  "PolicyError",
  "KeyFileError",
  "CellError",
  "AgentError",
  "AuthorError",
  "AgentRefusal",
  "PeerError",
  "HubError",
  "HubRefusal",
]);

/** The next step after failures that cannot bring their own. */
const HINTS: Readonly<Record<string, string>> = {
  port_in_use: "choose another port, 0 for any free one: --listen 127.0.0.1:0",
  state_locked: "stop what runs there, or choose another folder: --state DIR",
  state_newer: "run the version of Writ that wrote it, or a newer one",
  state_permissions: "take the right to write from others: chmod go-w",
  backup_exists: "choose a path where nothing is yet; to start over, move the old one away",
  module_hash: "pack and sign it anew, or get the module that was signed",
  bad_envelope: "it must be a signed document; writ pack, then writ sign, make one of a script",
  no_state: "start it with: writ agent",
  enrol_token: "an admin makes one with: writ hub enrol-token",
  root_not_pinned: "this is not the hub, or not the fleet, that the token was made for",
  disk_full: "make room on the disk, then do it again",
};

/** Turns anything thrown into words for a user; never a stack trace. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) {
    const { code, message, hint } = error;
    return { code, message, ...(hint ? { hint } : {}), exit: code === "usage" ? 2 : 1 };
  }
  if (error instanceof Error && KNOWN.has(error.name)) {
    const { code, hint = HINTS[code] } = error as Error & { code: string; hint?: string };
    const cause = error.cause instanceof Error && !error.message.includes(error.cause.message)
      ? ` (${error.cause.message})`
      : "";
    return { code, message: error.message + cause, ...(hint ? { hint } : {}), exit: 1 };
  }
  if (error instanceof Deno.errors.NotCapable) {
    return {
      code: "file",
      message: `Cannot go on as this program was not given a right: ${error.message}`,
      hint: "start it as the tasks of deno.json do",
      exit: 1,
    };
  }
  if (isSystemError(error)) {
    return {
      code: "file",
      message: `Cannot go on as the system refused: ${error.message}`,
      exit: 1,
    };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: "internal",
    message: `Cannot go on as something unexpected happened: ${message}`,
    hint: "this is a mistake in Writ; please report it with the command you gave",
    exit: 1,
  };
}

/** A failure in words, with its next step, for stderr. */
export function failureText({ message, hint }: Failure, paint: Paint): string {
  const lines = [`${paint.red("writ: error:")} ${printableLines(message)}`];
  if (hint) lines.push(`${paint.cyan("hint:")} ${printableLines(hint)}`);
  return lines.join("\n") + "\n";
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error &&
    Object.values(Deno.errors).some((type) => error instanceof (type as typeof Error));
}
