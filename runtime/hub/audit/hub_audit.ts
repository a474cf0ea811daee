import type { HubDatabase, HubQueries, SqlValue } from "../database/hub_database.ts";
import { lockTenant } from "../database/lock_tenant.ts";
import { limitOf, numberAfter, type Page, pageOf, type PageOptions } from "../page.ts";

/** Something that was done at the hub. */
export interface AuditEntry {
  /** `user:anna`, `token:ci#4f0c1a`, `agent:writ-key:…` or `system`. */
  who: string;
  /** A word, such as `agent_approved`. */
  action: string;
  /** What it was done to. */
  subject: string;
  detail?: Readonly<Record<string, unknown>> | undefined;
}

/** An entry of the audit log. */
export interface AuditRow {
  readonly seq: number;
  readonly at: number;
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Record<string, unknown>;
}

/** Which rows are wanted. */
export interface AuditQuery extends PageOptions {
  who?: string | undefined;
  action?: string | undefined;
  subject?: string | undefined;
  /** Milliseconds since the epoch; from then on. */
  from?: number | undefined;
  /** Milliseconds since the epoch; before then. */
  to?: number | undefined;
}

/** Who did what at the hub. Rows are added together with what they tell, and never changed. */
export class HubAudit {
  readonly #database: HubDatabase;
  readonly #now: () => number;
  readonly #added: (tenant: string) => void;

  constructor(
    options: { database: HubDatabase; now(): number; added?(tenant: string): void },
  ) {
    this.#database = options.database;
    this.#now = options.now;
    this.#added = options.added?.bind(options) ?? (() => {});
  }

  /**
   * Adds a row in the transaction of what it tells. Until that is over no other row of the tenant is
   * added: a row that is seen has none before it that is not.
   */
  async append(tx: HubQueries, tenant: string, entry: AuditEntry): Promise<void> {
    const { who, action, subject, detail = {} } = entry;
    await lockTenant(tx, tenant);
    await tx.run(
      `INSERT INTO audit (tenant, at, who, action, subject, detail)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6)`,
      [tenant, this.#now(), who, action, subject, JSON.stringify(detail)],
    );
    this.#added(tenant);
  }

  /** Adds a row by itself. */
  async record(tenant: string, entry: AuditEntry): Promise<void> {
    await this.#database.transaction((tx) => this.append(tx, tenant, entry));
  }

  /** Newest first. */
  async list(tenant: string, query: AuditQuery = {}): Promise<Page<AuditRow>> {
    const limit = limitOf(query);
    const before = numberAfter(query, Number.MAX_SAFE_INTEGER);
    const values: SqlValue[] = [tenant, before];
    const parts = ["tenant = ?1", "seq < ?2"];
    for (const column of ["who", "action", "subject"] as const) {
      const wanted = query[column];
      if (wanted !== undefined) parts.push(`${column} = ?${values.push(wanted)}`);
    }
    const { from, to } = query;
    if (from !== undefined) parts.push(`at >= ?${values.push(from)}`);
    if (to !== undefined) parts.push(`at < ?${values.push(to)}`);
    const rows = await this.#database.all<Omit<AuditRow, "detail"> & { detail: string }>(
      `SELECT seq, at, who, action, subject, detail FROM audit
       WHERE ${parts.join(" AND ")} ORDER BY seq DESC
       LIMIT ?${values.length + 1}`,
      [...values, limit + 1],
    );
    const page = pageOf(rows, limit, (row) => String(row.seq));
    return {
      next: page.next,
      items: page.items.map((row) => ({ ...row, detail: JSON.parse(row.detail) })),
    };
  }
}
