import { isDiskFull } from "../../agent/errors.ts";
import { HubError } from "../errors.ts";

/** What a store's own error is to the hub. */
export function databaseFailure(cause: unknown): HubError {
  if (cause instanceof HubError) return cause;
  const found = cause instanceof Error ? cause.message : String(cause);
  const code = isDiskFull(cause) ? "disk_full" : "database";
  return new HubError(code, `Cannot use the hub's database: ${found}`, { cause });
}

/** Waits for a write that may be left out: on a full disk it is, so that reading goes on. */
export async function ifThereIsRoom(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof HubError && error.code === "disk_full")) throw error;
  }
}
