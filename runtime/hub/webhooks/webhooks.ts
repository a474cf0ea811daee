import type { Log } from "../../agent/mod.ts";
import { messageOf } from "../../agent/errors.ts";
import { makeId } from "../access/secret.ts";
import type { AuditRow, HubAudit } from "../audit/hub_audit.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { HubError, notFound } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import { makeWebhookSecret, webhookHeaders } from "./sign_webhook.ts";

/** An address that hears of what happens, as it is shown. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly created: number;
  readonly createdBy: string;
  /** Times in a row that it did not answer as it must. */
  readonly failures: number;
}

/** What {@linkcode Webhooks} work with. */
export interface WebhooksOptions {
  database: HubDatabase;
  audit: HubAudit;
  now(): number;
  log: Log;
  /** Default: the runtime's. */
  fetch?: typeof fetch;
}

interface Address {
  tenant: string;
  url: string;
  secret: string;
}

interface Due extends Address {
  id: string;
  told: number;
  failures: number;
}

const COLUMNS = `id, url, created, created_by AS "createdBy", failures`;
/** Told at a time, to one address. */
const ROWS = 50;
const ADDRESSES = 20;

/**
 * Tells other systems what stands in the audit log, row by row and each at least once. What was told
 * is remembered, so a receiver that was away, or a hub that was, misses nothing.
 */
export class Webhooks {
  readonly #options: WebhooksOptions;
  #telling: Promise<void> = Promise.resolve();

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  /**
   * Tells an address from now on. Its secret is in the answer and nowhere else.
   *
   * @throws {HubError} bad_request – it is no https address (http is for this very machine)
   */
  async create(tenant: string, who: string, url: string): Promise<Webhook & { secret: string }> {
    const { database, audit, now } = this.#options;
    requireAddress(url);
    const secret = makeWebhookSecret();
    const made = { id: makeId(), url, created: now(), createdBy: who, failures: 0 };
    await database.transaction(async (tx) => {
      const subject = made.id;
      const { origin } = new URL(url);
      // A path can hold a secret of the receiver's.
      await audit.append(tx, tenant, { who, action: "webhook_made", subject, detail: { origin } });
      const row = await tx.get<{ last: number | null }>(
        "SELECT max(seq) AS last FROM audit WHERE tenant = ?1",
        [tenant],
      );
      await tx.run(
        "INSERT INTO webhooks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?5)",
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
   * Tells every address what it has not heard, unless it failed a moment ago. One time after
   * another, so that this hub tells nothing twice.
   *
   * @param signal Ends it; what was not told is told the next time.
   */
  async tellAll(signal?: AbortSignal): Promise<void> {
    await (this.#telling = this.#telling.catch(() => {}).then(() => this.#tellDue(signal)));
  }

  async #tellDue(signal?: AbortSignal): Promise<void> {
    const due = await this.#options.database.all<Due>(
      `SELECT tenant, id, url, secret, told, failures FROM webhooks WHERE next <= ?1
       ORDER BY next LIMIT ?2`,
      [this.#options.now(), ADDRESSES],
    );
    await Promise.all(due.map((webhook) => this.#tell(webhook, signal)));
  }

  async #tell(webhook: Due, signal?: AbortSignal): Promise<void> {
    const { database, now, log } = this.#options;
    const { tenant, id, told } = webhook;
    const rows = await database.all<Omit<AuditRow, "detail"> & { detail: string }>(
      `SELECT seq, at, who, action, subject, detail FROM audit WHERE tenant = ?1 AND seq > ?2
       ORDER BY seq LIMIT ?3`,
      [tenant, told, ROWS],
    );
    let last = told;
    let failures = 0;
    for (const row of rows) {
      const body = { type: row.action, tenant, ...row, detail: JSON.parse(row.detail) };
      const error = await this.#post(webhook, { id: `${tenant}.${row.seq}`, body }, signal);
      if (signal?.aborted) return;
      if (error !== undefined) {
        failures = webhook.failures + 1;
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
      "UPDATE webhooks SET told = ?3, failures = ?4, next = ?5 WHERE tenant = ?1 AND id = ?2",
      [tenant, id, last, failures, now() + wait],
    );
  }

  /** @returns what went wrong, if anything did. */
  async #post(
    { url, secret }: Address,
    message: { id: string; body: unknown },
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const { now } = this.#options;
    const post = this.#options.fetch ?? fetch;
    const { id } = message;
    const body = JSON.stringify(message.body);
    const seconds = Math.floor(now() / 1000);
    const late = AbortSignal.timeout(HUB_LIMITS.WEBHOOK_MS);
    try {
      const response = await post(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...webhookHeaders(secret, { id, seconds, body }),
        },
        body,
        // An address that points elsewhere could have the hub ask what only the hub reaches.
        redirect: "manual",
        signal: signal ? AbortSignal.any([signal, late]) : late,
      });
      await response.body?.cancel();
      return response.ok ? undefined : `status ${response.status}`;
    } catch (error) {
      return messageOf(error).slice(0, 200);
    }
  }
}

function requireAddress(text: string): void {
  const url = URL.parse(text);
  const isNear = url !== null && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const fits = url !== null && !url.username && !url.hash && text.length <= 2_000 &&
    (url.protocol === "https:" || (url.protocol === "http:" && isNear));
  if (fits) return;
  throw new HubError("bad_request", "Cannot tell an address that is not https");
}
