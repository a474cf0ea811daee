import { createHmac, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import { hashOf, makeSecret } from "../access/secret.ts";
import type { HubQueries } from "../database/hub_database.ts";
import { USER_LIMITS } from "./limits.ts";
import type { UserParts } from "./users.ts";

/** What {@linkcode Challenges} work with. */
export interface ChallengeParts extends Pick<UserParts, "database" | "now"> {
  /** Known to the hub alone, and to the others that share its database. */
  readonly challengeKey: Uint8Array;
}

/** Bytes of a challenge that is not stored: when it ends, something random, and the seal of both. */
const TIME = 8;
const RANDOM = 16;
const SEAL = 16;

/** Challenges for passkeys: each is good for one answer, in time. */
export class Challenges {
  readonly #parts: ChallengeParts;

  constructor(parts: ChallengeParts) {
    this.#parts = parts;
  }

  /** One for whoever is signed in. @param user Whose answer it is for. */
  async open(tenant: string, user: string): Promise<Uint8Array<ArrayBuffer>> {
    const { database, now } = this.#parts;
    const challenge = makeSecret();
    await database.transaction(async (tx) => {
      await removeOld(tx, now());
      await tx.run(
        `DELETE FROM user_challenges WHERE tenant = ?1 AND user_id = ?2 AND hash NOT IN (
           SELECT hash FROM user_challenges WHERE tenant = ?1 AND user_id = ?2
           ORDER BY expires DESC, hash LIMIT ${USER_LIMITS.CHALLENGES - 1})`,
        [tenant, user],
      );
      await tx.run(
        `INSERT INTO user_challenges (tenant, hash, user_id, expires) VALUES (?1, ?2, ?3, ?4)`,
        [tenant, hashOf(challenge), user, now() + USER_LIMITS.CHALLENGE_MS],
      );
    });
    return new Uint8Array(Buffer.from(challenge, "base64url"));
  }

  /** Whether a challenge was open for this user, which it is no more. */
  async close(tenant: string, user: string, challenge: string): Promise<boolean> {
    const { database, now } = this.#parts;
    return await database.run(
      `DELETE FROM user_challenges WHERE tenant = ?1 AND hash = ?2 AND expires > ?3
       AND user_id = ?4`,
      [tenant, hashOf(challenge), now(), user],
    ) === 1;
  }

  /** One for anybody. Nothing of it is stored, so that asking for many fills nothing. */
  ask(tenant: string): Uint8Array<ArrayBuffer> {
    const challenge = new Uint8Array(TIME + RANDOM + SEAL);
    const expires = BigInt(this.#parts.now() + USER_LIMITS.CHALLENGE_MS);
    new DataView(challenge.buffer).setBigUint64(0, expires);
    crypto.getRandomValues(challenge.subarray(TIME, TIME + RANDOM));
    challenge.set(this.#seal(tenant, challenge), TIME + RANDOM);
    return challenge;
  }

  /** Whether {@linkcode ask} made a challenge, whose time is not over. */
  isOpen(tenant: string, text: string): boolean {
    const challenge = new Uint8Array(Buffer.from(text, "base64url"));
    if (challenge.length !== TIME + RANDOM + SEAL) return false;
    const seal = challenge.subarray(TIME + RANDOM);
    return timingSafeEqual(seal, this.#seal(tenant, challenge)) &&
      this.#parts.now() < endOf(challenge);
  }

  /** Notes that one of {@linkcode ask} was answered. @returns whether it was the first time. */
  async spend(tenant: string, text: string): Promise<boolean> {
    const { database, now } = this.#parts;
    const expires = endOf(new Uint8Array(Buffer.from(text, "base64url")));
    return await database.transaction(async (tx) => {
      await removeOld(tx, now());
      return await tx.run(
        `INSERT INTO user_challenges (tenant, hash, user_id, expires) VALUES (?1, ?2, NULL, ?3)
         ON CONFLICT (tenant, hash) DO NOTHING`,
        [tenant, hashOf(text), expires],
      ) === 1;
    });
  }

  #seal(tenant: string, challenge: Uint8Array): Uint8Array {
    const { challengeKey } = this.#parts;
    const hmac = createHmac("sha256", challengeKey).update(`${tenant}\n`);
    return hmac.update(challenge.subarray(0, TIME + RANDOM)).digest().subarray(0, SEAL);
  }
}

/** Those that were answered stay for long enough that no clock set back has them answered again. */
async function removeOld(tx: HubQueries, now: number): Promise<void> {
  await tx.run(
    `DELETE FROM user_challenges
     WHERE expires <= ?1 AND (user_id IS NOT NULL OR expires <= ?2)`,
    [now, now - USER_LIMITS.ANSWERED_KEPT_MS],
  );
}

function endOf(challenge: Uint8Array): number {
  return Number(new DataView(challenge.buffer, challenge.byteOffset).getBigUint64(0));
}
