import { CodedError } from "../core/coded_error.ts";

/** Why the hub does not do what it was asked. */
export type HubCode =
  /** Nothing of this name is there, or it is another tenant's. */
  | "not_found"
  /** It is there already, or not in the state that this needs. */
  | "conflict"
  /** What was asked is not written as it must be. */
  | "bad_request"
  /** Nobody who is known asks. */
  | "unauthorized"
  /** Who asks may not do this. */
  | "forbidden"
  /** The tenant has as much of this as it may have. */
  | "quota"
  /** The token's time is over, or it was used. */
  | "token_spent"
  /** The root does not name the hub's key among the orderers. */
  | "no_orderer_key"
  /** Another hub of the same database has the tenant's key for orders, and this one has not. */
  | "key_elsewhere"
  /** The tenant has no accept-list yet. */
  | "no_list"
  /** A blob has another digest or length than its name says. */
  | "blob_mismatch"
  /** A document of the order was not uploaded. */
  | "attachment_missing"
  /** A body or a message is longer than it may be. */
  | "too_large"
  /** More arrives than the hub takes at a time. */
  | "busy"
  /** The database cannot be reached, or failed. */
  | "database"
  /** The disk of the database is full. */
  | "disk_full"
  /** The bus between hubs cannot be reached. */
  | "bus"
  /** The database was written by a newer version of Writ. */
  | "database_newer"
  /** The state folder, a key or a token file cannot be used. */
  | "state";

/**
 * A failure of the hub. `code` is stable and safe to show to anyone; `message` is for the log and
 * for those who run the hub.
 */
export class HubError extends CodedError<HubCode> {
  override readonly name = "HubError";
}

/** That nothing of a name is there; the same words for what is another tenant's. */
export function notFound(what: string, id: string): HubError {
  return new HubError("not_found", `Cannot find ${what}: ${JSON.stringify(id.slice(0, 100))}`);
}
