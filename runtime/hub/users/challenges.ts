import { Buffer } from "node:buffer";
import { hashOf, makeSecret } from "../access/secret.ts";
import { USER_LIMITS } from "./limits.ts";
import type { UserParts } from "./users.ts";

/** Challenges for passkeys: each is good for one answer, in time. */
export class Challenges {
  readonly #parts: Pick<UserParts, "database" | "now">;

  constructor(parts: Pick<UserParts, "database" | "now">) {
    this.#parts = parts;
  }

  /** @param user Whose answer it is for; absent before anybody is signed in. */
  async open(tenant: string, user?: string): Promise<Uint8Array<ArrayBuffer>> {
    const { database, now } = this.#parts;
    const challenge = makeSecret();
    await database.transaction(async (tx) => {
      // Anybody may ask for one: the oldest give way.
      await tx.run(
        `DELETE FROM user_challenges WHERE tenant = ?1 AND (expires <= ?2 OR hash NOT IN (
           SELECT hash FROM user_challenges WHERE tenant = ?1
           ORDER BY expires DESC, hash LIMIT ${USER_LIMITS.CHALLENGES}))`,
        [tenant, now()],
      );
      await tx.run(
        `INSERT INTO user_challenges (tenant, hash, user_id, expires) VALUES (?1, ?2, ?3, ?4)`,
        [tenant, hashOf(challenge), user ?? null, now() + USER_LIMITS.CHALLENGE_MS],
      );
    });
    return new Uint8Array(Buffer.from(challenge, "base64url"));
  }

  /** Whether a challenge was open for this user, which it is no more. */
  async close(tenant: string, user: string | null, challenge: string): Promise<boolean> {
    const { database, now } = this.#parts;
    return await database.run(
      `DELETE FROM user_challenges WHERE tenant = ?1 AND hash = ?2 AND expires > ?3
       AND coalesce(user_id, '') = ?4`,
      [tenant, hashOf(challenge), now(), user ?? ""],
    ) === 1;
  }
}
