import type { Log } from "../../agent/mod.ts";
import { reachOf } from "../../policy/mod.ts";
import { makeId } from "../access/secret.ts";
import type { AuditRow, HubAudit } from "../audit/hub_audit.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { lockTenant, requireRoomFor } from "../database/lock_tenant.ts";
import { HubError, notFound } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import { postMessage } from "./post_message.ts";
import { makeWebhookSecret, webhookHeaders } from "./sign_webhook.ts";

/** An address that hears of what happens, as it is shown. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly created: number;
  readonly createdBy: string;
  /** Times in a row that it did not answer as it must. */
  readonly failures: number;
  /** Why it did not take what it was told last; `null` when it did. */
  readonly problem: string | null;
}

/** What {@linkcode Webhooks} work with. */
export interface WebhooksOptions {
  database: HubDatabase;
  audit: HubAudit;
  now(): number;
  log: Log;
  /** Whether tenants may name addresses of the hub's own machine and network, by http too. */
  inside: boolean;
}

interface Address {
  tenant: string;
  url: string;
  secret: string;
}

interface Due extends Address {
  id: string;
}

interface Untold extends Omit<AuditRow, "detail"> {
  detail: string;
  told: number;
  failures: number;
}

const COLUMNS = `id, url, created, created_by AS "createdBy", failures, problem`;
/** Those that are told: one that does well always is, whatever became of the clock. */
const IS_DUE = "(next <= ?1 OR failures = 0 OR next > ?2)";
/** Told at a time, to one address. */
const ROWS = 50;
/** Addresses that are told at a time, of all tenants and of one: no tenant's hold up another's. */
const ADDRESSES = 64;
const ADDRESSES_OF_ONE = 4;

/**
 * Tells other systems what stands in the audit log, row by row and each at least once. What was told
 * is remembered, so a receiver that was away, or a hub that was, misses nothing.
 */
export class Webhooks {
  readonly #options: WebhooksOptions;
  /** Those that are being told, by tenant. */
  readonly #busy = new Map<string, Set<string>>();

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  /**
   * Tells an address from now on. Its secret is in the answer and nowhere else.
   *
   * @throws {HubError} bad_request – it is no https address outside of the hub's network
   * @throws {HubError} quota – the tenant has as many as it may
   */
  async create(tenant: string, who: string, url: string): Promise<Webhook & { secret: string }> {
    const { database, audit, now, inside } = this.#options;
    requireAddress(url, inside);
    const secret = makeWebhookSecret();
    const made = {
      ...{ id: makeId(), url, created: now(), createdBy: who },
      ...{ failures: 0, problem: null },
    };
    await database.transaction(async (tx) => {
      await lockTenant(tx, tenant);
      await requireRoomFor(tx, tenant, "webhooks", HUB_LIMITS.WEBHOOKS);
      const subject = made.id;
      const { origin } = new URL(url);
      // A path can hold a secret of the receiver's.
      await audit.append(tx, tenant, { who, action: "webhook_made", subject, detail: { origin } });
      const row = await tx.get<{ last: number | null }>(
        "SELECT max(seq) AS last FROM audit WHERE tenant = ?1",
        [tenant],
      );
      await tx.run(
        `INSERT INTO webhooks
           (tenant, id, url, secret, created, created_by, told, failures, next)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?5)`,
        [tenant, made.id, url, secret, made.created, who, row?.last ?? 0],
      );
    });
    return { ...made, secret };
  }

  async list(tenant: string): Promise<Webhook[]> {
    return await this.#options.database.all<Webhook>(
      `SELECT ${COLUMNS} FROM webhooks WHERE tenant = ?1 ORDER BY created, id`,
      [tenant],
    );
  }

  /** @throws {HubError} not_found */
  async remove(tenant: string, who: string, id: string): Promise<void> {
    const { database, audit } = this.#options;
    await database.transaction(async (tx) => {
      const sql = "DELETE FROM webhooks WHERE tenant = ?1 AND id = ?2";
      if (await tx.run(sql, [tenant, id]) === 0) throw notFound("a webhook", id);
      await audit.append(tx, tenant, { who, action: "webhook_removed", subject: id });
    });
  }

  /**
   * Sends one message of no consequence to an address at once. One that takes it is told the rest
   * at once, too, however often it failed before.
   *
   * @returns What went wrong, if anything did.
   * @throws {HubError} not_found
   */
  async test(tenant: string, who: string, id: string): Promise<{ problem: string | null }> {
    const { database, audit, now } = this.#options;
    const webhook = await database.get<Address>(
      "SELECT tenant, url, secret FROM webhooks WHERE tenant = ?1 AND id = ?2",
      [tenant, id],
    );
    if (!webhook) throw notFound("a webhook", id);
    const message = { id: `${tenant}.test.${makeId()}`, body: { type: "webhook_test", tenant } };
    const problem = await this.#post(webhook, message) ?? null;
    await database.transaction(async (tx) => {
      const row = { who, action: "webhook_tested", subject: id, detail: { problem } };
      await audit.append(tx, tenant, row);
      await tx.run("UPDATE webhooks SET problem = ?3 WHERE tenant = ?1 AND id = ?2", [
        tenant,
        id,
        problem,
      ]);
      if (problem !== null) return;
      await tx.run("UPDATE webhooks SET next = ?3 WHERE tenant = ?1 AND id = ?2", [
        tenant,
        id,
        now(),
      ]);
    });
    return { problem };
  }

  /**
   * Tells every address what it has not heard, unless it failed a moment ago or is being told.
   *
   * @param signal Ends it; what was not told is told the next time.
   */
  async tellAll(signal?: AbortSignal): Promise<void> {
    const due = await this.#options.database.all<Due>(
      `SELECT tenant, id, url, secret FROM webhooks WHERE ${IS_DUE} ORDER BY next`,
      this.#times(),
    );
    await Promise.all(due.map(async (webhook) => {
      const { tenant, id } = webhook;
      const busy = this.#busy.get(tenant) ?? new Set();
      const all = this.#busy.values().reduce((sum, { size }) => sum + size, 0);
      if (busy.has(id) || busy.size >= ADDRESSES_OF_ONE || all >= ADDRESSES) return;
      this.#busy.set(tenant, busy.add(id));
      try {
        await this.#tell(webhook, signal);
      } finally {
        busy.delete(id);
        if (busy.size === 0) this.#busy.delete(tenant);
      }
    }));
  }

  async #tell(webhook: Due, signal?: AbortSignal): Promise<void> {
    const { database, now, log } = this.#options;
    const { tenant, id } = webhook;
    const rows = await database.all<Untold>(
      // Since it was found to be due it may have been told, and have failed.
      `SELECT seq, at, who, action, subject, detail, told, failures
       FROM webhooks JOIN audit ON audit.tenant = webhooks.tenant AND seq > told
       WHERE webhooks.tenant = ?3 AND id = ?4 AND ${IS_DUE} ORDER BY seq LIMIT ?5`,
      [...this.#times(), tenant, id, ROWS],
    );
    const [first] = rows;
    if (!first) return;
    let last = first.told;
    let failures = 0;
    let problem: string | null = null;
    const begun = Date.now();
    for (const { told: _, failures: before, ...row } of rows) {
      if (Date.now() - begun > HUB_LIMITS.WEBHOOK_ROUND_MS) break;
      const body = { type: row.action, tenant, ...row, detail: JSON.parse(row.detail) };
      const error = await this.#post(webhook, { id: `${tenant}.${row.seq}`, body }, signal);
      if (signal?.aborted) return;
      if (error !== undefined) {
        failures = before + 1;
        problem = error;
        log("warn", "webhook not told", { tenant, webhook: id, failures, error });
        break;
      }
      last = row.seq;
    }
    const wait = failures === 0 ? 0 : Math.min(
      HUB_LIMITS.WEBHOOK_WAIT_MS,
      HUB_LIMITS.SEEN_EVERY_MS * 2 ** Math.min(failures, 20),
    );
    await database.run(
      // Another hub may have told it more meanwhile.
      `UPDATE webhooks SET told = CASE WHEN told > ?3 THEN told ELSE ?3 END, failures = ?4, next = ?5,
         problem = ?6
       WHERE tenant = ?1 AND id = ?2`,
      [tenant, id, last, failures, now() + wait, problem],
    );
  }

  /** Until when addresses rest that are due, and from when on it is longer than any may. */
  #times(): [number, number] {
    const now = this.#options.now();
    return [now, now + HUB_LIMITS.WEBHOOK_WAIT_MS];
  }

  /** @returns what went wrong, if anything did, in words that tell nothing of a network. */
  async #post(
    { url, secret }: Address,
    { id, body }: { id: string; body: unknown },
    stop?: AbortSignal,
  ): Promise<string | undefined> {
    const { now, inside } = this.#options;
    const text = JSON.stringify(body);
    const seconds = Math.floor(now() / 1000);
    const late = AbortSignal.timeout(HUB_LIMITS.WEBHOOK_MS);
    try {
      const status = await postMessage(url, {
        headers: {
          "content-type": "application/json",
          ...webhookHeaders(secret, { id, seconds, body: text }),
        },
        ...{ body: text, inside },
        signal: stop ? AbortSignal.any([stop, late]) : late,
      });
      return status >= 200 && status < 300 ? undefined : `status ${status}`;
    } catch {
      return late.aborted ? "too slow" : "not reached";
    }
  }
}

function requireAddress(text: string, inside: boolean): void {
  const url = URL.parse(text);
  const reach = url && reachOf(url.hostname.replace(/^\[|\]$/g, ""));
  const fits = url !== null && !url.username && !url.hash && text.length <= 2_000 &&
    (inside
      ? ["https:", "http:"].includes(url.protocol)
      : url.protocol === "https:" && (reach === "public" || reach === "name"));
  if (fits) return;
  throw new HubError("bad_request", "Cannot tell an address that is not https, or lies inside");
}
