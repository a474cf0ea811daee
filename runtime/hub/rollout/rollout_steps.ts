import type { KeyId } from "../../core/documents/common.ts";
import { VerificationError } from "../../core/errors.ts";
import { messageOf } from "../../agent/errors.ts";
import type { Log } from "../../agent/mod.ts";
import type { HubAudit } from "../audit/hub_audit.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { lockTenant } from "../database/lock_tenant.ts";
import { type HubCode, HubError } from "../errors.ts";
import type { HubEvents } from "../events/hub_events.ts";
import type { OrderRequest } from "../orders/order_request.ts";
import type { Orders } from "../orders/orders.ts";
import { judgeRing, type RingHealth } from "./gate.ts";
import { type RolloutRow, rolloutRow, withRings } from "./read_rollouts.ts";
import { healthOf, keepFigures } from "./ring_health.ts";
import { ringOrder } from "./ring_order.ts";
import { type RingRow, ringRows } from "./ring_rows.ts";
import type { Rollout, RolloutSubject } from "./rollout_record.ts";

/** What {@linkcode RolloutSteps} work with. */
export interface RolloutStepsOptions {
  database: HubDatabase;
  audit: HubAudit;
  events: HubEvents;
  orders: Orders;
  now(): number;
  log: Log;
  /** Called when agents of a ring should be told of the list or release. */
  listsChanged(tenant: string): void;
}

/** What happens within this is looked at together. */
const MOMENT_MS = 250;

/** Of a rollout `?2` of a tenant `?1`: it may begin rings. Asked with the tenant locked. */
const RUNNING = `EXISTS (SELECT 1 FROM rollouts
  WHERE rollouts.tenant = ?1 AND rollouts.id = ?2 AND state = 'running')`;
/** What may be over the next time that it is looked after, or is no matter to another hub. */
const PASSING = ["busy", "bus", "database", "disk_full", "key_elsewhere"] satisfies HubCode[];

/** Another hub was quicker, or the rollout was stopped. */
class RingBegun extends Error {}

/**
 * What rollouts do by themselves: begin rings, judge them, end. Several hubs may work at the same
 * rollout: who starts or ends a ring is found out in the database.
 */
export class RolloutSteps implements Disposable {
  readonly #options: RolloutStepsOptions;
  #waking: ReturnType<typeof setTimeout> | undefined;
  /** Looks at a rollout go one after another. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(options: RolloutStepsOptions) {
    this.#options = options;
  }

  /** Looks after what is under way in a moment; call it when an agent or an order has changed. */
  wake(): void {
    this.#waking ??= setTimeout(() => {
      this.#waking = undefined;
      this.stepAll().catch((error) => {
        this.#options.log("error", "rollouts not looked after", { error: messageOf(error) });
      });
    }, MOMENT_MS);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#waking);
  }

  /** Looks after every rollout that is under way; call it from time to time. */
  async stepAll(): Promise<void> {
    const rows = await this.#options.database.all<{ tenant: string; id: string }>(
      "SELECT tenant, id FROM rollouts WHERE state = 'running'",
    );
    for (const { tenant, id } of rows) {
      await this.step(tenant, id).catch((error) => {
        // The hub that has it looks after them.
        if (error instanceof HubError && error.code === "key_elsewhere") return;
        this.#options.log("error", "rollout not done", { rollout: id, error: messageOf(error) });
      });
    }
  }

  /** Begins rings, and judges the one that is under way, until one has to be waited for. */
  async step(tenant: string, id: string): Promise<void> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const turn = before.catch(() => {}).then(() => this.#step(tenant, id));
    this.#turns.set(id, turn);
    try {
      await turn;
    } finally {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
    }
  }

  async #step(tenant: string, id: string): Promise<void> {
    const { database, now } = this.#options;
    for (;;) {
      const row = await rolloutRow(database, tenant, id);
      if (row.state !== "running") return;
      const subject: RolloutSubject = JSON.parse(row.subject);
      const ring = (await ringRows(database, tenant, id)).find(({ passed }) => passed === null);
      if (!ring) return await this.#end(tenant, id, "done", null);
      if (ring.started === null || (subject.kind === "script" && ring.order === null)) {
        await this.#begin(tenant, row, subject, ring);
        continue;
      }
      const health = await healthOf(database, tenant, id, subject, ring);
      const verdict = judgeRing(health, JSON.parse(row.gate), now() - ring.started);
      if (verdict === "wait") return;
      if (verdict !== "pass") {
        return await this.#end(tenant, id, "halted", `ring "${ring.name}": ${verdict.halt}`);
      }
      await this.#pass(tenant, id, ring.ring, health);
    }
  }

  /** A ring that another hub begins, or whose rollout is stopped at the same time, is left alone. */
  async #begin(
    tenant: string,
    { id, who, gate }: RolloutRow,
    subject: RolloutSubject,
    { ring, name }: RingRow,
  ): Promise<void> {
    const { database, now, events, listsChanged } = this.#options;
    await database.transaction(async (tx) => {
      await lockTenant(tx, tenant);
      await tx.run(
        `UPDATE rollout_rings SET started = ?4
         WHERE tenant = ?1 AND rollout = ?2 AND ring = ?3 AND started IS NULL AND ${RUNNING}`,
        [tenant, id, ring, now()],
      );
    });
    events.tell(tenant, { type: "rollout", id });
    if (subject.kind !== "script") return listsChanged(tenant);
    const agents = await database.all<{ agent: KeyId }>(
      `SELECT agent FROM rollout_agents JOIN agents
         ON agents.tenant = rollout_agents.tenant AND agents.id = rollout_agents.agent
       WHERE rollout_agents.tenant = ?1 AND rollout = ?2 AND ring = ?3 AND standing = 'approved'
       ORDER BY agent`,
      [tenant, id, ring],
    );
    // All of them were revoked since it was settled who stands in which ring.
    if (agents.length === 0) return await this.#pass(tenant, id, ring, { good: 0, bad: 0 });
    const request = {
      ...ringOrder(subject, JSON.parse(gate)),
      select: { agents: agents.map(({ agent }) => agent) },
    };
    try {
      await this.#order(tenant, who, id, ring, request);
    } catch (error) {
      if (error instanceof RingBegun) return;
      if (!isRefusal(error)) throw error;
      await this.#end(tenant, id, "halted", `ring "${name}": ${error.message}`);
    }
  }

  async #order(
    tenant: string,
    who: string,
    id: string,
    ring: number,
    request: OrderRequest,
  ): Promise<void> {
    await this.#options.orders.create(tenant, who, request, async (tx, order) => {
      await lockTenant(tx, tenant);
      const begun = await tx.run(
        `UPDATE rollout_rings SET order_id = ?4
         WHERE tenant = ?1 AND rollout = ?2 AND ring = ?3 AND order_id IS NULL AND ${RUNNING}`,
        [tenant, id, ring, order],
      );
      if (begun === 0) throw new RingBegun();
    });
  }

  async #pass(
    tenant: string,
    id: string,
    ring: number,
    { good, bad }: Omit<RingHealth, "size">,
  ): Promise<void> {
    const { database, now } = this.#options;
    await database.run(
      `UPDATE rollout_rings SET passed = ?4, good = ?5, bad = ?6
       WHERE tenant = ?1 AND rollout = ?2 AND ring = ?3 AND passed IS NULL`,
      [tenant, id, ring, now(), good, bad],
    );
  }

  /** Ends what the ring under way was ordered. */
  async cancelRing(tenant: string, who: string, { subject, rings }: Rollout): Promise<void> {
    if (subject.kind !== "script") return;
    const ring = rings.findLast(({ order, passed }) => order !== null && passed === null);
    if (ring) await this.#options.orders.cancel(tenant, who, ring.order!);
  }

  /** What came of a rollout by itself; a second hub that finds the same is too late. */
  async #end(
    tenant: string,
    id: string,
    state: "done" | "halted",
    reason: string | null,
  ): Promise<void> {
    const { database, audit, now, events } = this.#options;
    const subject: RolloutSubject = JSON.parse((await rolloutRow(database, tenant, id)).subject);
    const ended = await database.transaction(async (tx) => {
      await lockTenant(tx, tenant);
      const count = await tx.run(
        `UPDATE rollouts SET state = ?3, reason = ?4, updated = ?5
         WHERE tenant = ?1 AND id = ?2 AND state = 'running'`,
        [tenant, id, state, reason, now()],
      );
      if (count === 0) return undefined;
      await keepFigures(tx, tenant, id, subject, await ringRows(tx, tenant, id));
      const detail = reason === null ? {} : { reason };
      await audit.append(tx, tenant, {
        who: "system",
        action: `rollout_${state}`,
        subject: id,
        detail,
      });
      // Looked up before anybody can resume it, which has the ring begin anew.
      return await withRings(tx, tenant, await rolloutRow(tx, tenant, id));
    });
    events.tell(tenant, { type: "rollout", id });
    if (subject.kind !== "script") this.#options.listsChanged(tenant);
    if (ended && state === "halted") await this.cancelRing(tenant, "system", ended);
  }
}

/** Whether an order would be refused again and again, unlike one that came at a bad moment. */
function isRefusal(error: unknown): error is HubError | VerificationError {
  if (error instanceof VerificationError) return true;
  return error instanceof HubError && !PASSING.some((code) => code === error.code);
}
