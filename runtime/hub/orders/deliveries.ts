import type { KeyId } from "../../core/documents/common.ts";
import type { FromAgent } from "../../agent/hub_link/wire.ts";
import type { HubDatabase, HubQueries } from "../database/hub_database.ts";
import { inList } from "../database/in_list.ts";
import { HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import { OPEN } from "./delivery_tables.ts";
import { EventStore, type RefusedFile } from "./event_store.ts";
import { type EventsReport, type Reported, storedEvents } from "./stored_events.ts";

/** An order on its way to one agent. */
export interface Outgoing {
  readonly agent: KeyId;
  readonly document: string;
  readonly envelope: string;
}

/** Which document of an order is for an agent. */
export type Leased = Pick<Outgoing, "agent" | "document">;

/** What an agent says of an order that it was sent. */
export type Answer = Extract<FromAgent, { type: "taken" | "refused" }>;

/** How far the hub has what an agent told of an order. */
export interface Stored {
  readonly order: string;
  readonly run: number;
  readonly seq: number;
  /** Events of it that are not kept. */
  readonly leftOut: number;
  readonly refused: readonly RefusedFile[];
}

/** Whether an order was cancelled that an agent has or may have. */
export interface Cancelled {
  readonly agent: KeyId;
  readonly document: string;
}

const OUTGOING = `d.agent, d.document, x.envelope FROM deliveries d
  JOIN order_documents x ON x.tenant = d.tenant AND x.id = d.document`;

/** Where an order stands with an agent that may still say what comes of it. */
const UNDER_WAY: ReadonlySet<string> = new Set(["queued", "sent", "taken", "running", "expired"]);

/**
 * The part of an order that is about one agent: sent at least once, by a lease that ends, and taken
 * by the agent exactly once, by the order's id. What an agent reports changes only what is its own.
 */
export class Deliveries {
  readonly #database: HubDatabase;
  readonly #now: () => number;

  constructor(options: { database: HubDatabase; now(): number }) {
    this.#database = options.database;
    this.#now = options.now;
  }

  /**
   * Leases to an agent what waits for it, oldest first, and no more at a time than it may have.
   *
   * @param again Also what was sent before: the agent has a new connection, or the lease is over.
   * @returns `isFull` when more may wait than it may have now.
   */
  async lease(
    tenant: string,
    agent: KeyId,
    again: boolean,
  ): Promise<{ sent: Outgoing[]; isFull: boolean }> {
    const now = this.#now();
    // Most agents that connect have nothing waiting; what is stored meanwhile is sent by who stores it.
    const waits = await this.#database.get(
      `SELECT 1 FROM deliveries
       WHERE tenant = ?1 AND agent = ?2 AND ${OPEN} AND state IN ('queued', 'sent') LIMIT 1`,
      [tenant, agent],
    );
    if (!waits) return { sent: [], isFull: false };
    return await this.#database.transaction(async (tx) => {
      const wanted = await tx.all<Outgoing & { state: string; lease: number | null }>(
        `SELECT d.state, d.lease, ${OUTGOING}
           JOIN orders o ON o.tenant = d.tenant AND o.id = d.order_id
         WHERE d.tenant = ?1 AND d.agent = ?2 AND d.${OPEN} AND d.state IN ('queued', 'sent')
           AND d.expires > ?3 AND o.cancelled IS NULL
         ORDER BY d.updated, d.document LIMIT ?4`,
        [tenant, agent, now, HUB_LIMITS.LEASES_OF_ONE],
      );
      const due = wanted.filter(({ state, lease }) =>
        state === "queued" || again || isOver(lease ?? 0, now)
      );
      const sent: typeof due = [];
      for (const delivery of due) {
        // Cancelled meanwhile, it is not for the agent any more.
        const leased = await tx.run(
          `UPDATE deliveries SET state = 'sent', lease = ?4
           WHERE tenant = ?1 AND agent = ?2 AND document = ?3 AND state IN ('queued', 'sent')`,
          [tenant, agent, delivery.document, now + HUB_LIMITS.LEASE_MS],
        );
        if (leased > 0) sent.push(delivery);
      }
      return { sent, isFull: wanted.length === HUB_LIMITS.LEASES_OF_ONE };
    });
  }

  /** Leases one order to those of these agents for which it waits. */
  async leaseOrder(tenant: string, order: string, agents: readonly KeyId[]): Promise<Leased[]> {
    const now = this.#now();
    const { places, values } = inList(agents, 5);
    return await this.#database.transaction((tx) =>
      tx.all<Leased>(
        `UPDATE deliveries SET state = 'sent', lease = ?3 WHERE tenant = ?1 AND order_id = ?2
           AND state = 'queued' AND expires > ?4 AND agent IN (${places})
         RETURNING agent, document`,
        [tenant, order, now + HUB_LIMITS.LEASE_MS, now, ...values],
      )
    );
  }

  /** What is sent of an order, by its documents. */
  async documents(tenant: string, order: string): Promise<Map<string, string>> {
    const rows = await this.#database.all<{ id: string; envelope: string }>(
      "SELECT id, envelope FROM order_documents WHERE tenant = ?1 AND order_id = ?2",
      [tenant, order],
    );
    return new Map(rows.map(({ id, envelope }) => [id, envelope]));
  }

  /** Ends what nobody came for until `now`. @returns the orders that it changed. */
  async expire(now: number): Promise<{ tenant: string; order: string }[]> {
    const rows = await this.#database.transaction((tx) =>
      tx.all<{ tenant: string; order: string }>(
        `UPDATE deliveries SET state = 'expired', updated = ?1
         WHERE state IN ('queued', 'sent') AND expires <= ?1 RETURNING tenant, order_id AS "order"`,
        [now],
      )
    );
    return [...new Map(rows.map((row) => [`${row.tenant} ${row.order}`, row])).values()];
  }

  /** Those that have an order that was cancelled, among these agents. */
  async cancelled(
    tenant: string,
    order: string,
    agents: readonly KeyId[],
  ): Promise<Cancelled[]> {
    const { places, values } = inList(agents, 3);
    return await this.#database.all(
      `SELECT agent, document FROM deliveries WHERE tenant = ?1 AND order_id = ?2
         AND state IN ('sent', 'taken', 'running') AND agent IN (${places})`,
      [tenant, order, ...values],
    );
  }

  /** What an agent is to cancel, as far as it has not heard of it. */
  async cancelledOf(tenant: string, agent: KeyId): Promise<Cancelled[]> {
    return await this.#database.all(
      `SELECT d.agent, d.document FROM deliveries d
       JOIN orders o ON o.tenant = d.tenant AND o.id = d.order_id
       WHERE d.tenant = ?1 AND d.agent = ?2 AND d.${OPEN} AND d.state <> 'queued'
         AND o.cancelled IS NOT NULL LIMIT 100`,
      [tenant, agent],
    );
  }

  /** The envelope of an order that is an agent's. */
  async envelope(tenant: string, agent: KeyId, document: string): Promise<string | undefined> {
    const row = await this.#database.get<{ envelope: string }>(
      `SELECT x.envelope FROM deliveries d
       JOIN order_documents x ON x.tenant = d.tenant AND x.id = d.document
       WHERE d.tenant = ?1 AND d.agent = ?2 AND d.document = ?3`,
      [tenant, agent, document],
    );
    return row?.envelope;
  }

  /**
   * Whether an agent has an order on its disk, or will not have it.
   *
   * @returns the order that it changed.
   */
  async answered(tenant: string, agent: KeyId, answer: Answer): Promise<string | undefined> {
    const isTaken = answer.type === "taken";
    const row = await this.#database.transaction((tx) =>
      tx.get<{ order: string }>(
        `UPDATE deliveries SET state = ?4, run = ?5, refusal = ?6, lease = NULL, updated = ?7
         WHERE tenant = ?1 AND agent = ?2 AND document = ?3 AND state IN ('queued', 'sent')
         RETURNING order_id AS "order"`,
        [
          ...[tenant, agent, answer.order, answer.type],
          ...[isTaken ? answer.run : null, isTaken ? null : answer.code, this.#now()],
        ],
      )
    );
    return row?.order;
  }

  /**
   * Stores what happened in the runs of an order. What was stored before is not stored twice, and
   * nothing is of an order that is over, or is not this agent's.
   *
   * @returns the order that it changed, and up to which event everything is on disk.
   * @throws {HubError} conflict – another connection of the agent told more of it meanwhile
   */
  async report(
    tenant: string,
    agent: KeyId,
    report: EventsReport,
  ): Promise<Stored | undefined> {
    const now = this.#now();
    return await this.#database.transaction(async (tx) => {
      const before = await tx.get<Reported>(
        `SELECT order_id AS "order", state, run, reported_run AS "reportedRun",
           reported_seq AS "reportedSeq", events, left_out AS "leftOut"
         FROM deliveries WHERE tenant = ?1 AND agent = ?2 AND document = ?3`,
        [tenant, agent, report.order],
      );
      if (!before) return undefined;
      const { order } = before;
      const { state } = before;
      if (state !== "ended" && !UNDER_WAY.has(state)) return undefined;
      const store = new EventStore(tx, { tenant, order, agent });
      const { reportedRun: run, reportedSeq: seq, leftOut: leftOutBefore } = before;
      // What was judged already stays as it was; an agent that tells again has lost the answer.
      if (state === "ended") {
        const again = { ...before, reportedRun: Infinity };
        const refused = await store.refusedAgain(storedEvents(report, again).again);
        return { order, run, seq, leftOut: leftOutBefore, refused };
      }
      const events = storedEvents(report, before);
      const { places, told } = events;
      const refused = await store.put(events, leftOutBefore);
      const leftOut = leftOutBefore + events.leftOut;
      const changed = await tx.run(
        `UPDATE deliveries SET state = ?4, run = ?5, outcome = coalesce(?6, outcome),
           outcome_kind = coalesce(?7, outcome_kind), figures = coalesce(?8, figures),
           reported_run = ?9, reported_seq = ?10, lease = NULL, updated = ?11,
           events = events + ?12, left_out = ?15
         WHERE tenant = ?1 AND agent = ?2 AND document = ?3
           AND state NOT IN ('ended', 'refused', 'cancelled')
           AND reported_run = ?13 AND reported_seq = ?14`,
        [
          ...[tenant, agent, report.order, told.state, told.run],
          ...[told.outcome, told.outcomeKind, told.figures],
          ...[told.reportedRun, told.reportedSeq, now, places],
          ...[run, seq, leftOut],
        ],
      );
      // A hub that hung must not take back what its agent has told another one since.
      if (changed === 0) throw new HubError("conflict", "Cannot store a report as more came since");
      return { order, run: told.reportedRun, seq: told.reportedSeq, leftOut, refused };
    });
  }
}

/** Also one that is longer than any that is given: it was given before the clock was set back. */
function isOver(lease: number, now: number): boolean {
  return lease <= now || lease > now + HUB_LIMITS.LEASE_MS;
}

/** For whoever changes deliveries in a transaction of its own. */
export async function closeDeliveriesOf(
  tx: HubQueries,
  tenant: string,
  agent: KeyId,
  refusal: string,
  now: number,
): Promise<void> {
  await tx.run(
    `UPDATE deliveries SET state = 'cancelled', refusal = ?3, lease = NULL, updated = ?4
     WHERE tenant = ?1 AND agent = ?2 AND ${OPEN}`,
    [tenant, agent, refusal, now],
  );
}
