import type { HubDatabase } from "../database/hub_database.ts";
import { USER_LIMITS } from "../users/limits.ts";

/** A session that begins later than this from now was begun under a clock that was ahead. */
const AHEAD_MS = 60_000;

/**
 * Ends for good every session, invitation and token whose time is over: a clock that is set back
 * makes none of them good again.
 */
export async function endSecrets(database: HubDatabase, now: number): Promise<void> {
  await database.run(
    "DELETE FROM user_sessions WHERE created <= ?1 OR seen <= ?2 OR created > ?3",
    [now - USER_LIMITS.SESSION_MS, now - USER_LIMITS.SESSION_IDLE_MS, now + AHEAD_MS],
  );
  await database.run("DELETE FROM user_invitations WHERE expires <= ?1", [now]);
  for (const table of ["enrol_tokens", "api_tokens"]) {
    await database.run(`UPDATE ${table} SET ended = 1 WHERE expires <= ?1 AND ended = 0`, [now]);
  }
}
