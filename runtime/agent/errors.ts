import { CodedError } from "../core/coded_error.ts";

/** What can go wrong with an agent itself, rather than with a document it was given. */
export type AgentCode =
  /** Another program listens on the address. */
  | "port_in_use"
  /** The address is not loopback, and without TLS only loopback is served. */
  | "listen_refused"
  /** The state directory was written by a newer version of Writ. */
  | "state_newer"
  /** Another agent is using the state directory. */
  | "state_locked"
  /** The state directory can be written by others, so its content proves nothing. */
  | "state_permissions"
  /** The database is older than the signed head of its audit log. */
  | "state_rolled_back"
  /** The newest rows of the audit log are not as this agent signed them. */
  | "audit_broken"
  /** A file is not an audit log as `writ audit export` writes it. */
  | "not_an_export"
  /** The order is older than the agent's records, which were lost: it may have run before. */
  | "records_lost"
  /** A backup, or the state it should become, is there already: nothing is overwritten. */
  | "backup_exists"
  /** A file is no backup, or not one that can be taken like this. */
  | "backup_unreadable"
  /** No agent has run with the state directory yet. */
  | "no_state"
  /** The state directory or its database cannot be read or made. */
  | "state_unreadable"
  /** No space is left for what must be stored. */
  | "disk_full"
  /** A key or token file is unreadable, malformed, or readable by others. */
  | "key_unreadable"
  /** A token for enrolling is not one that a hub made. */
  | "enrol_token"
  /** The hub refuses, or answers what no hub answers. */
  | "hub_refused"
  /** The policy could not be loaded or verified. */
  | "policy"
  /** A blob is longer than allowed, or than was announced. */
  | "blob_too_large"
  /** A blob has another digest or length than its name says. */
  | "blob_mismatch"
  /** The sender of a blob broke off. */
  | "blob_incomplete"
  /** An attachment of the order is not among the stored blobs. */
  | "attachment_missing"
  /** An earlier order had the same idempotency key and asked for something else. */
  | "idempotency_conflict"
  /** The state folder holds as much as the policy lets it. */
  | "state_full"
  /** As many runs are waiting as the agent keeps. */
  | "busy"
  /** No source has all parts of a release. */
  | "release_incomplete"
  /** A release does not start here, or is another than it says. */
  | "release_broken"
  /** There is no release to go back from. */
  | "no_release"
  /** Nothing would start the agent again as another release. */
  | "not_supervised"
  /** The agent is stopping. */
  | "stopping"
  /** A source cannot be reached. */
  | "source_unreachable"
  /** A source answered with more bytes than were asked for. */
  | "source_too_large"
  /** A source answered with a redirect. */
  | "source_redirect"
  /** A source answered with an encoded body. */
  | "source_encoding"
  /** A source did not answer in full within its time. */
  | "source_deadline"
  /** A source answered with something other than the file or its absence. */
  | "source_answer";

/**
 * A failure of the agent. `code` is stable and safe to show to anyone; `message` is for the local
 * operator and the log only.
 */
export class AgentError extends CodedError<AgentCode> {
  override readonly name = "AgentError";
}

/** `SQLITE_FULL`, and `SQLITE_IOERR_SHMSIZE`: its shared memory is a file that could not grow. */
const SQLITE_FULL_CODES: readonly unknown[] = [13, 4874];

/** Whether the file system or SQLite said that no space is left. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("errcode" in error && SQLITE_FULL_CODES.includes(error.errcode)) return true;
  return /disk is full|no space left|ENOSPC|quota exceeded|file too large/i.test(error.message);
}

/** The code of a failure to read or write what the agent keeps. */
export function storageCode(error: unknown): "disk_full" | "state_unreadable" {
  return isDiskFull(error) ? "disk_full" : "state_unreadable";
}

/** The text of anything thrown, for messages and logs. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
