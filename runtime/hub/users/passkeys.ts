import { Buffer } from "node:buffer";
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
  WebAuthnCredential,
} from "@simplewebauthn/server";
import { type ChallengeParts, Challenges } from "./challenges.ts";
import { UserError } from "./errors.ts";
import { USER_LIMITS } from "./limits.ts";
import type { SignedIn } from "./sessions.ts";
import type { User } from "./user.ts";
import type { UserParts, Users } from "./users.ts";

/** A passkey, as its owner sees it. */
export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly created: number;
  readonly used: number | null;
}

interface Row extends Passkey {
  readonly user: string;
  readonly publicKey: string;
  readonly counter: number;
}

/** Passkeys are for one site, by which they were made. */
export interface PasskeyParts extends UserParts, ChallengeParts {
  /** The console's origin, as browsers have it. */
  readonly origin: string;
}

const COLUMNS = `id, user_id AS "user", name, public_key AS "publicKey", counter, created, used`;
const NAME_CHARACTERS = 64;

/**
 * Signing in with passkeys. The authenticator must have verified its owner, and a challenge is good
 * for one answer. The library that reads the answers is loaded with the first one.
 *
 * @see Web Authentication Level 3, "Verifying an Authentication Assertion"
 */
export class Passkeys {
  readonly #parts: PasskeyParts;
  readonly #users: Users;
  readonly #challenges: Challenges;
  readonly #site: string;

  constructor(parts: PasskeyParts, users: Users) {
    this.#parts = parts;
    this.#users = users;
    this.#challenges = new Challenges(parts);
    this.#site = new URL(parts.origin).hostname;
  }

  /** A user's passkeys, the oldest first. */
  async list(tenant: string, user: string): Promise<Passkey[]> {
    return await this.#parts.database.all<Passkey>(
      `SELECT id, name, created, used FROM user_passkeys
       WHERE tenant = ?1 AND user_id = ?2 ORDER BY created`,
      [tenant, user],
    );
  }

  /** What a browser needs to make a passkey for a user. */
  async offer(tenant: string, user: User): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { generateRegistrationOptions } = await import("@simplewebauthn/server");
    const known = await this.list(tenant, user.id);
    if (known.length >= USER_LIMITS.PASSKEYS) {
      throw new UserError(
        "too_many_passkeys",
        `Cannot add a passkey as one user may have ${USER_LIMITS.PASSKEYS}`,
      );
    }
    return await generateRegistrationOptions({
      rpName: "Writ",
      rpID: this.#site,
      userName: user.name,
      userID: new TextEncoder().encode(user.id),
      challenge: await this.#challenges.open(tenant, user.id),
      timeout: USER_LIMITS.CHALLENGE_MS,
      attestationType: "none",
      excludeCredentials: known.map(({ id }) => ({ id })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
  }

  /**
   * Keeps the passkey that a browser made for whoever is signed in, and still is.
   *
   * @param response As the browser sent it; not trusted.
   * @throws {UserError} bad_passkey – it answers no open challenge of this user, or does not verify.
   */
  async add({ tenant, user, session }: SignedIn, name: string, response: unknown): Promise<void> {
    const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
    const { registrationInfo } = await verified(() =>
      verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge: (challenge) => this.#challenges.close(tenant, user.id, challenge),
        expectedOrigin: this.#parts.origin,
        expectedRPID: this.#site,
      })
    );
    if (!registrationInfo) throw badPasskey();
    const { id, publicKey, counter } = registrationInfo.credential;
    const { database, audit, now } = this.#parts;
    const called = name.trim().slice(0, NAME_CHARACTERS) || "passkey";
    await database.transaction(async (tx) => {
      // Whoever invites the user again, which ends the sessions, waits for it, or comes first.
      await tx.run("UPDATE users SET id = id WHERE tenant = ?1 AND id = ?2", [tenant, user.id]);
      const row = await tx.get<{ sessions: number; same: number; passkeys: number }>(
        `SELECT
           (SELECT count(*) FROM user_sessions WHERE tenant = ?1 AND id = ?2) AS sessions,
           (SELECT count(*) FROM user_passkeys WHERE tenant = ?1 AND id = ?3) AS same,
           (SELECT count(*) FROM user_passkeys WHERE tenant = ?1 AND user_id = ?4) AS passkeys`,
        [tenant, session.id, id, user.id],
      );
      const { sessions, same, passkeys } = row!;
      if (sessions === 0 || same > 0 || passkeys >= USER_LIMITS.PASSKEYS) throw badPasskey();
      await tx.run(
        `INSERT INTO user_passkeys
           (tenant, id, user_id, name, public_key, counter, created, used)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL)`,
        [tenant, id, user.id, called, Buffer.from(publicKey).toString("base64url"), counter, now()],
      );
      await tx.run(`DELETE FROM user_invitations WHERE tenant = ?1 AND user_id = ?2`, [
        tenant,
        user.id,
      ]);
      const who = `user:${user.name}`;
      await audit.append(tx, tenant, {
        who,
        action: "passkey_added",
        subject: user.name,
        detail: { called },
      });
    });
  }

  /** @throws {UserError} not_found – it is none of the user's. */
  async remove(tenant: string, user: User, id: string): Promise<void> {
    const { database, audit } = this.#parts;
    await database.transaction(async (tx) => {
      const sql = `DELETE FROM user_passkeys WHERE tenant = ?1 AND user_id = ?2 AND id = ?3`;
      if (await tx.run(sql, [tenant, user.id, id]) !== 1) {
        throw new UserError("not_found", "Cannot find the passkey");
      }
      const who = `user:${user.name}`;
      await audit.append(tx, tenant, { who, action: "passkey_removed", subject: user.name });
    });
  }

  /** What a browser needs to ask its owner for a passkey of this site. */
  async ask(tenant: string): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
    return await generateAuthenticationOptions({
      rpID: this.#site,
      challenge: this.#challenges.ask(tenant),
      timeout: USER_LIMITS.CHALLENGE_MS,
      userVerification: "required",
    });
  }

  /**
   * Whose passkey answered, and which.
   *
   * @param response As the browser sent it; not trusted.
   * @throws {UserError} bad_passkey – it is nobody's here, answers no open challenge, does not
   *   verify, or its counter says that it was copied.
   */
  async answer(tenant: string, response: unknown): Promise<{ user: User; passkey: string }> {
    const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
    const { database, now } = this.#parts;
    const row = await database.get<Row>(
      `SELECT ${COLUMNS} FROM user_passkeys WHERE tenant = ?1 AND id = ?2`,
      [tenant, idOf(response)],
    );
    if (!row) throw badPasskey();
    const user = await this.#users.get(tenant, row.user);
    if (user.disabled !== null) throw badPasskey();
    let answered = "";
    const isOpen = (challenge: string) => this.#challenges.isOpen(tenant, answered = challenge);
    const { verified: fits, authenticationInfo } = await verified(() =>
      verifyAuthenticationResponse({
        response: response as AuthenticationResponseJSON,
        expectedChallenge: isOpen,
        expectedOrigin: this.#parts.origin,
        expectedRPID: this.#site,
        credential: credentialOf(row),
      })
    );
    if (!fits || !await this.#challenges.spend(tenant, answered)) throw badPasskey();
    await database.run(
      `UPDATE user_passkeys SET counter = ?3, used = ?4 WHERE tenant = ?1 AND id = ?2`,
      [tenant, row.id, authenticationInfo.newCounter, now()],
    );
    return { user, passkey: row.id };
  }
}

function credentialOf({ id, publicKey, counter }: Row): WebAuthnCredential {
  return { id, publicKey: new Uint8Array(Buffer.from(publicKey, "base64url")), counter };
}

function idOf(response: unknown): string {
  const { id } = (response ?? {}) as { id?: unknown };
  if (typeof id !== "string") throw badPasskey();
  return id;
}

/** The library throws for whatever it cannot read, and answers false for what does not fit. */
async function verified<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (cause) {
    throw badPasskey(cause);
  }
}

function badPasskey(cause?: unknown): UserError {
  return new UserError("bad_passkey", "Cannot take the passkey as it does not verify", { cause });
}
