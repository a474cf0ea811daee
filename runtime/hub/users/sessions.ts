import { AsideWrites } from "../database/aside_writes.ts";
import type { HubQueries } from "../database/hub_database.ts";
import { UserError } from "./errors.ts";
import { USER_LIMITS } from "./limits.ts";
import { hashOf, makeId, makeSecret } from "../access/secret.ts";
import type { User } from "./user.ts";
import type { UserParts, Users } from "./users.ts";

/** Where somebody signs in from, as far as it can be told. */
export interface Origin {
  readonly address: string;
  /** What the browser calls itself. */
  readonly browser: string;
}

/** One browser in which a user is signed in. */
export interface Session extends Origin {
  readonly id: string;
  readonly created: number;
  readonly seen: number;
}

/** Who sends a request, by the cookie that came with it. */
export interface SignedIn {
  readonly tenant: string;
  readonly user: User;
  readonly session: Session;
}

/** By what somebody signed in: the stored hash of the password, or a passkey's id. */
export type Proof = { readonly password: string } | { readonly passkey: string };

interface Row extends Session {
  readonly user: string;
}

const COLUMNS = `id, user_id AS "user", created, seen, address, browser`;
const BROWSER_CHARACTERS = 200;

/**
 * Sessions. A new one gets a new secret whatever cookie the browser came with, so that nobody can
 * be made to use a session that somebody else knows.
 */
export class Sessions {
  readonly #parts: UserParts;
  readonly #users: Users;
  readonly #seen = new AsideWrites();

  constructor(parts: UserParts, users: Users) {
    this.#parts = parts;
    this.#users = users;
  }

  /**
   * @param proof By what the user signed in; it must hold still, as checking it takes a while.
   * @returns The value of the cookie: the tenant and the session's secret.
   * @throws {UserError} bad_credentials – the user was shut out, or the proof taken away meanwhile.
   */
  async begin(
    tenant: string,
    user: User,
    { address, browser }: Origin,
    proof: Proof,
  ): Promise<string> {
    const { database, audit, now } = this.#parts;
    const secret = makeSecret();
    const at = now();
    await database.transaction(async (tx) => {
      await requireProof(tx, tenant, user.id, proof);
      await this.#removeEnded(tx, tenant, at);
      await tx.run(
        `INSERT INTO user_sessions (tenant, hash, id, user_id, created, seen, address, browser)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)`,
        [
          tenant,
          hashOf(secret),
          makeId(),
          user.id,
          at,
          address,
          browser.slice(0, BROWSER_CHARACTERS),
        ],
      );
      await tx.run(
        `DELETE FROM user_sessions WHERE tenant = ?1 AND user_id = ?2 AND hash NOT IN (
           SELECT hash FROM user_sessions WHERE tenant = ?1 AND user_id = ?2
           ORDER BY created DESC, hash LIMIT ${USER_LIMITS.SESSIONS})`,
        [tenant, user.id],
      );
      await audit.append(tx, tenant, {
        who: `user:${user.name}`,
        action: "session_begun",
        subject: user.name,
        detail: { address },
      });
    });
    return `${encodeURIComponent(tenant)}.${secret}`;
  }

  /**
   * Whose session a cookie opens; undefined when it opens none, or none any more.
   *
   * @param use Whether a person does something with it, which makes it last.
   */
  async find(cookie: string, use = true): Promise<SignedIn | undefined> {
    const parsed = parseCookie(cookie);
    if (!parsed) return undefined;
    const { tenant, hash } = parsed;
    const at = this.#parts.now();
    const row = await this.#parts.database.get<Row>(
      `SELECT ${COLUMNS} FROM user_sessions WHERE tenant = ?1 AND hash = ?2`,
      [tenant, hash],
    );
    if (!row || at >= endOf(row)) return undefined;
    const user = await this.#users.get(tenant, row.user);
    if (user.disabled !== null) return undefined;
    if (use && at - row.seen >= USER_LIMITS.SEEN_MS) {
      const sql = `UPDATE user_sessions SET seen = ?3 WHERE tenant = ?1 AND hash = ?2`;
      this.#seen.begin(hash, () => this.#parts.database.run(sql, [tenant, hash, at]));
    }
    const { user: _, ...session } = row;
    return { tenant, user, session };
  }

  /** The sessions of a user, the newest first. */
  async list(tenant: string, user: string): Promise<Session[]> {
    const rows = await this.#parts.database.all<Row>(
      `SELECT ${COLUMNS} FROM user_sessions WHERE tenant = ?1 AND user_id = ?2
       ORDER BY created DESC`,
      [tenant, user],
    );
    const at = this.#parts.now();
    return rows.filter((row) => at < endOf(row)).map(({ user: _, ...session }) => session);
  }

  /**
   * Ends one session of a user.
   *
   * @throws {UserError} not_found – it is none of theirs.
   */
  async end(tenant: string, who: string, user: User, id: string): Promise<void> {
    const sql = `DELETE FROM user_sessions WHERE tenant = ?1 AND user_id = ?2 AND id = ?3`;
    await this.#remove(tenant, who, user, sql, [tenant, user.id, id]);
  }

  /** Ends every session of a user: they are signed out everywhere. */
  async endAll(tenant: string, who: string, user: User): Promise<void> {
    const sql = `DELETE FROM user_sessions WHERE tenant = ?1 AND user_id = ?2`;
    await this.#remove(tenant, who, user, sql, [tenant, user.id]);
  }

  async #remove(tenant: string, who: string, user: User, sql: string, values: string[]) {
    const { database, audit } = this.#parts;
    await database.transaction(async (tx) => {
      const sessions = await tx.run(sql, values);
      if (sessions === 0) throw new UserError("not_found", "Cannot find the session");
      const row = { who, action: "session_ended", subject: user.name, detail: { sessions } };
      await audit.append(tx, tenant, row);
    });
  }

  async #removeEnded(tx: HubQueries, tenant: string, at: number): Promise<void> {
    await tx.run(
      `DELETE FROM user_sessions WHERE tenant = ?1 AND (created <= ?2 OR seen <= ?3)`,
      [tenant, at - USER_LIMITS.SESSION_MS, at - USER_LIMITS.SESSION_IDLE_MS],
    );
  }
}

async function requireProof(
  tx: HubQueries,
  tenant: string,
  id: string,
  proof: Proof,
): Promise<void> {
  // Held until the session stands: whoever ends all sessions changes this row first.
  const held = await tx.get<{ password: string | null }>(
    `UPDATE users SET name = name WHERE tenant = ?1 AND id = ?2 AND disabled IS NULL
     RETURNING password`,
    [tenant, id],
  );
  const holds = held &&
    ("password" in proof ? held.password === proof.password : await tx.get(
      "SELECT id FROM user_passkeys WHERE tenant = ?1 AND user_id = ?2 AND id = ?3",
      [
        tenant,
        id,
        proof.passkey,
      ],
    ) !== undefined);
  if (!holds) throw new UserError("bad_credentials", "Cannot sign in as that was changed just now");
}

function endOf({ created, seen }: Session): number {
  return Math.min(created + USER_LIMITS.SESSION_MS, seen + USER_LIMITS.SESSION_IDLE_MS);
}

function parseCookie(cookie: string): { tenant: string; hash: string } | undefined {
  const [, tenant, secret] = /^([\w.~%-]{1,200})\.([\w-]{43})$/.exec(cookie) ?? [];
  if (tenant === undefined || secret === undefined) return undefined;
  try {
    return { tenant: decodeURIComponent(tenant), hash: hashOf(secret) };
  } catch {
    return undefined; // a percent sign that begins nothing
  }
}
