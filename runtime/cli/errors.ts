import { HintedError } from "../core/coded_error.ts";

/** Why a command did not do what it was asked. Other classes bring their own codes. */
export type CliCode =
  /** An option, argument or command that does not exist or has no sensible value. Exit 2. */
  | "usage"
  /** A file named on the command line does not exist. */
  | "no_such_file"
  /** A file could not be read or written. */
  | "file"
  /** No fleet folder here or above. */
  | "no_fleet"
  /** The agent cannot be reached. */
  | "unreachable"
  /** The agent answered with a refusal. */
  | "refused"
  /** The user did not agree, or could not be asked. */
  | "not_confirmed"
  /** Something that should not happen. */
  | "internal";

/** A failure of a command, with the next step where there is one. */
export class CliError extends HintedError<CliCode> {
  override readonly name = "CliError";
}
