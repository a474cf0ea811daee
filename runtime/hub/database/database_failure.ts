import { isDiskFull } from "../../agent/errors.ts";
import { HubError } from "../errors.ts";

/** What a store's own error is to the hub. */
export function databaseFailure(cause: unknown): HubError {
  if (cause instanceof HubError) return cause;
  if (isZeroByte(cause)) {
    return new HubError("bad_request", "Cannot keep a text with a zero byte in it", { cause });
  }
  const found = cause instanceof Error ? cause.message : String(cause);
  const code = isDiskFull(cause) ? "disk_full" : "database";
  return new HubError(code, `Cannot use the hub's database: ${found}`, { cause });
}

/** PostgreSQL's `character_not_in_repertoire` and `untranslatable_character`. */
function isZeroByte(cause: unknown): boolean {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "22021" || code === "22P05";
}

/** Waits for a write that may be left out: on a full disk it is, so that reading goes on. */
export async function ifThereIsRoom(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof HubError && error.code === "disk_full")) throw error;
  }
}
