import type { HubAudit } from "../audit/hub_audit.ts";
import { AsideWrites } from "../database/aside_writes.ts";
import type { HubDatabase, HubQueries } from "../database/hub_database.ts";
import { HubError, notFound } from "../errors.ts";
import { lockTenant, requireRoomFor } from "../database/lock_tenant.ts";
import { HUB_LIMITS } from "../limits.ts";
import { type Actor, ROLE_SCOPES, type Scope, SCOPES } from "./actor.ts";
import { hashOf, makeId, makeSecret } from "./secret.ts";

/** A token for programs, as it is shown. */
export interface ApiToken {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly created: number;
  readonly createdBy: string;
  readonly expires: number | null;
  readonly lastUsed: number | null;
}

/** What a token is made from. */
export interface ApiTokenRequest {
  /** For people and the audit log. */
  name: string;
  scopes: readonly Scope[];
  /** Default, and at most, {@linkcode HUB_LIMITS.API_TOKEN_MS}. */
  expiresMs?: number | undefined;
  /** Who makes it, and so bounds it: see {@linkcode Actor}. */
  maker?: Pick<Actor, "user" | "token" | "expires"> | undefined;
}

type Role = keyof typeof ROLE_SCOPES;

const COLUMNS = `id, name, scopes, created, created_by AS "createdBy", expires,
  last_used AS "lastUsed"`;
/** Use of a token is written down at most this often. */
const USED_EVERY_MS = 60_000;
const PREFIX = "wapi_";

/** Tokens by which programs use the API. The hub keeps their hashes alone. */
export class ApiTokens {
  readonly #database: HubDatabase;
  readonly #audit: HubAudit;
  readonly #now: () => number;
  readonly #used = new AsideWrites();

  constructor(options: { database: HubDatabase; audit: HubAudit; now(): number }) {
    this.#database = options.database;
    this.#audit = options.audit;
    this.#now = options.now;
  }

  /**
   * Makes a token. Its text is in the answer and nowhere else. It ends with the token or the user
   * that made it.
   *
   * @throws {HubError} bad_request – it has no name or no scope, or would be good for too long
   * @throws {HubError} quota – the tenant has as many as it may
   */
  async create(
    tenant: string,
    who: string,
    { name, scopes, expiresMs = HUB_LIMITS.API_TOKEN_MS, maker }: ApiTokenRequest,
  ): Promise<ApiToken & { token: string }> {
    if (!/^[\w .@-]{1,64}$/.test(name) || scopes.length === 0) {
      throw new HubError("bad_request", "Cannot make a token without a name and a scope");
    }
    if (!(expiresMs > 0 && expiresMs <= HUB_LIMITS.API_TOKEN_MS)) {
      throw new HubError("bad_request", "Cannot make a token that is good for more than a year");
    }
    const now = this.#now();
    const expires = Math.min(now + expiresMs, maker?.expires ?? Infinity);
    const user = maker?.user ?? null;
    const token = PREFIX + makeSecret();
    const made = { id: makeId(), name, scopes, created: now, createdBy: who, expires };
    await this.#database.transaction(async (tx) => {
      await lockTenant(tx, tenant);
      await requireRoomFor(tx, tenant, "api_tokens", HUB_LIMITS.API_TOKENS);
      if (maker?.token !== undefined) await this.#requireThere(tx, tenant, maker.token);
      await tx.run(
        `INSERT INTO api_tokens
           (tenant, id, hash, name, scopes, created, created_by, expires, user_id, maker)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`,
        [
          ...[tenant, made.id, hashOf(token), name, scopes.join(" "), now, who, expires, user],
          maker?.token ?? null,
        ],
      );
      const detail = { name, scopes, expires };
      await this.#audit.append(tx, tenant, {
        who,
        action: "token_made",
        subject: made.id,
        detail,
      });
    });
    return { ...made, lastUsed: null, token };
  }

  /** It may have been revoked since who asks was let in: then it makes nothing. */
  async #requireThere(tx: HubQueries, tenant: string, id: string): Promise<void> {
    const sql = "SELECT 1 FROM api_tokens WHERE tenant = ?1 AND id = ?2 AND ended = 0";
    if (await tx.get(sql, [tenant, id]) !== undefined) return;
    throw new HubError("unauthorized", "Cannot make a token by one that was revoked");
  }

  /** All of a tenant, newest first. */
  async list(tenant: string): Promise<ApiToken[]> {
    const rows = await this.#database.all<Omit<ApiToken, "scopes"> & { scopes: string }>(
      `SELECT ${COLUMNS} FROM api_tokens WHERE tenant = ?1 ORDER BY created DESC, id`,
      [tenant],
    );
    return rows.map((row) => ({ ...row, scopes: scopesFrom(row.scopes) }));
  }

  /** With it go those that it made, and those that they made. @throws {HubError} not_found */
  async revoke(tenant: string, who: string, id: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await lockTenant(tx, tenant);
      const made = await tx.all<{ id: string }>(
        `WITH RECURSIVE made (id) AS (
           SELECT id FROM api_tokens WHERE tenant = ?1 AND id = ?2
           UNION SELECT t.id FROM api_tokens t JOIN made ON t.tenant = ?1 AND t.maker = made.id
         ) SELECT id FROM made`,
        [tenant, id],
      );
      if (made.length === 0) throw notFound("a token", id);
      for (const { id: subject } of made) {
        await tx.run("DELETE FROM api_tokens WHERE tenant = ?1 AND id = ?2", [tenant, subject]);
        const detail = subject === id ? undefined : { madeBy: id };
        await this.#audit.append(tx, tenant, { who, action: "token_revoked", subject, detail });
      }
    });
  }

  /**
   * Who holds a token; `undefined` when nobody does, or not any more. One that a user made, or a
   * token of that user's, is worth no more than the user is now.
   */
  async admit(token: string): Promise<Actor | undefined> {
    if (!token.startsWith(PREFIX) || token.length > 100) return undefined;
    const row = await this.#database.get<Found>(
      `SELECT t.tenant, t.id, t.name, scopes, expires, last_used AS "lastUsed",
         user_id AS "user", role, disabled
       FROM api_tokens t LEFT JOIN users u ON u.tenant = t.tenant AND u.id = user_id
       WHERE t.hash = ?1 AND t.ended = 0`,
      [hashOf(token)],
    );
    const now = this.#now();
    if (!row || (row.expires !== null && row.expires <= now)) return undefined;
    const { user, role, disabled } = row;
    if (user !== null && (role === null || disabled !== null)) return undefined;
    if (now - (row.lastUsed ?? 0) > USED_EVERY_MS) {
      const sql = "UPDATE api_tokens SET last_used = ?3 WHERE tenant = ?1 AND id = ?2";
      this.#used.begin(row.id, () => this.#database.run(sql, [row.tenant, row.id, now]));
    }
    return {
      tenant: row.tenant,
      // Names need not be unique; in the audit log two tokens must not look alike.
      who: `token:${row.name}#${row.id.slice(0, 6)}`,
      scopes: new Set(scopesFrom(row.scopes).filter((scope) => !role || may(role, scope))),
      expires: row.expires,
      token: row.id,
      ...(user !== null && { user }),
    };
  }
}

interface Found {
  tenant: string;
  user: string | null;
  role: Role | null;
  disabled: number | null;
  id: string;
  name: string;
  scopes: string;
  expires: number | null;
  lastUsed: number | null;
}

function may(role: Role, scope: Scope): boolean {
  return ROLE_SCOPES[role].includes(scope);
}

/** Words of an older version that mean nothing any more are left out. */
function scopesFrom(text: string): Scope[] {
  const words = new Set(text.split(" "));
  return SCOPES.filter((scope) => words.has(scope));
}
