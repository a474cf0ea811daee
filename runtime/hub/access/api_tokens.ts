import type { HubAudit } from "../audit/hub_audit.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { HubError, notFound } from "../errors.ts";
import { type Actor, type Scope, SCOPES } from "./actor.ts";
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
  /** Default: for ever. */
  expiresMs?: number | undefined;
}

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

  constructor(options: { database: HubDatabase; audit: HubAudit; now(): number }) {
    this.#database = options.database;
    this.#audit = options.audit;
    this.#now = options.now;
  }

  /**
   * Makes a token. Its text is in the answer and nowhere else.
   *
   * @throws {HubError} bad_request – it has no name or no scope
   */
  async create(
    tenant: string,
    who: string,
    { name, scopes, expiresMs }: ApiTokenRequest,
  ): Promise<ApiToken & { token: string }> {
    if (!/^[\w .@-]{1,64}$/.test(name) || scopes.length === 0) {
      throw new HubError("bad_request", "Cannot make a token without a name and a scope");
    }
    const now = this.#now();
    const expires = expiresMs === undefined ? null : now + expiresMs;
    const token = PREFIX + makeSecret();
    const made = { id: makeId(), name, scopes, created: now, createdBy: who, expires };
    await this.#database.transaction(async (tx) => {
      await tx.run(
        "INSERT INTO api_tokens VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL)",
        [tenant, made.id, hashOf(token), name, scopes.join(" "), now, who, expires],
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

  /** All of a tenant, newest first. */
  async list(tenant: string): Promise<ApiToken[]> {
    const rows = await this.#database.all<Omit<ApiToken, "scopes"> & { scopes: string }>(
      `SELECT ${COLUMNS} FROM api_tokens WHERE tenant = ?1 ORDER BY created DESC, id`,
      [tenant],
    );
    return rows.map((row) => ({ ...row, scopes: scopesFrom(row.scopes) }));
  }

  /** @throws {HubError} not_found */
  async revoke(tenant: string, who: string, id: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const sql = "DELETE FROM api_tokens WHERE tenant = ?1 AND id = ?2";
      if (await tx.run(sql, [tenant, id]) === 0) throw notFound("a token", id);
      await this.#audit.append(tx, tenant, { who, action: "token_revoked", subject: id });
    });
  }

  /** Who holds a token; `undefined` when nobody does, or not any more. */
  async admit(token: string): Promise<Actor | undefined> {
    if (!token.startsWith(PREFIX) || token.length > 100) return undefined;
    const row = await this.#database.get<Found>(
      `SELECT tenant, id, name, scopes, expires, last_used AS "lastUsed" FROM api_tokens
       WHERE hash = ?1`,
      [hashOf(token)],
    );
    const now = this.#now();
    if (!row || (row.expires !== null && row.expires <= now)) return undefined;
    if (now - (row.lastUsed ?? 0) > USED_EVERY_MS) {
      await this.#database.run(
        "UPDATE api_tokens SET last_used = ?3 WHERE tenant = ?1 AND id = ?2",
        [row.tenant, row.id, now],
      );
    }
    return {
      tenant: row.tenant,
      who: `token:${row.name}`,
      scopes: new Set(scopesFrom(row.scopes)),
    };
  }
}

interface Found {
  tenant: string;
  id: string;
  name: string;
  scopes: string;
  expires: number | null;
  lastUsed: number | null;
}

/** Words of an older version that mean nothing any more are left out. */
function scopesFrom(text: string): Scope[] {
  const words = new Set(text.split(" "));
  return SCOPES.filter((scope) => words.has(scope));
}
