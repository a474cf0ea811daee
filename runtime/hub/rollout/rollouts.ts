import type { KeyId } from "../../core/documents/common.ts";
import { messageOf } from "../../agent/errors.ts";
import type { Log } from "../../agent/mod.ts";
import type { HubAudit } from "../audit/hub_audit.ts";
import type { HubDatabase, HubQueries } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";
import type { HubEvents } from "../events/hub_events.ts";
import type { Lists } from "../lists/lists.ts";
import type { Releases } from "../releases/releases.ts";
import type { Orders } from "../orders/orders.ts";
import { limitOf, type Page, pageOf, type PageOptions } from "../page.ts";
import { type Gate, judgeRing, type PartialGate, wholeGate } from "./gate.ts";
import {
  healthOf,
  ringRows,
  ROLLOUT_COLUMNS,
  type RolloutRow,
  rolloutRow,
  withRings,
} from "./read_rollouts.ts";
import { insertRollout } from "./insert_rollout.ts";
import { DEFAULT_RINGS, type Ring } from "./rings.ts";
import type { Rollout, RolloutState, RolloutSubject } from "./rollout_record.ts";

/** What a rollout is made from. */
export interface RolloutRequest<Subject = Omit<RolloutSubject & { kind: "script" }, "kind">> {
  readonly subject: Subject;
  /** Default: {@linkcode DEFAULT_RINGS}. */
  readonly rings?: readonly Ring[] | undefined;
  /** What is not said is as by default. */
  readonly gate?: PartialGate | undefined;
}

/** What {@linkcode Rollouts} work with. */
export interface RolloutsOptions {
  database: HubDatabase;
  audit: HubAudit;
  events: HubEvents;
  orders: Orders;
  lists: Lists;
  releases: Releases;
  now(): number;
  log: Log;
  /** Called when agents of a ring should be told of the list or release. */
  listsChanged(tenant: string): void;
}

/** How long an agent that is off may take to run what its ring was ordered, beyond the gate's time. */
const ORDER_MARGIN_MS = 60_000;
/** What happens within this is looked at together. */
const MOMENT_MS = 250;

/**
 * Brings a script's version or an accept-list to the agents ring by ring. What goes wrong in one
 * ring keeps it from the next. Several hubs may work at the same rollout: who starts or ends a ring
 * is found out in the database.
 */
export class Rollouts implements Disposable {
  readonly #options: RolloutsOptions;
  #waking: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RolloutsOptions) {
    this.#options = options;
  }

  /**
   * Rolls out a script's version: its first ring is ordered to run it at once.
   *
   * @throws {HubError} bad_request – there is no agent for it
   * @throws {HubError} no_orderer_key – the root does not entitle the hub to order
   */
  async create(tenant: string, who: string, request: RolloutRequest): Promise<Rollout> {
    const { database } = this.#options;
    const subject: RolloutSubject = { kind: "script", ...request.subject };
    const id = crypto.randomUUID();
    await database.transaction((tx) => this.#insert(tx, tenant, who, id, subject, request));
    await this.#step(tenant, id);
    return await this.get(tenant, id);
  }

  /**
   * Takes an accept-list that was signed, and tells the agents of it ring by ring.
   *
   * @throws {VerificationError} – as `Lists.put()`
   * @throws {HubError} bad_request – there is no agent for it
   */
  async createForList(
    tenant: string,
    who: string,
    envelope: Uint8Array,
    request: Omit<RolloutRequest, "subject"> = {},
  ): Promise<Rollout> {
    const id = crypto.randomUUID();
    let isNew = false;
    await this.#options.lists.put(tenant, who, envelope, async (tx, { list, digest }) => {
      isNew = true;
      const subject: RolloutSubject = { kind: "list", version: list.version, digest };
      await this.#insert(tx, tenant, who, id, subject, request);
    });
    if (!isNew) throw new HubError("conflict", "Cannot roll out a list that agents have already");
    await this.#step(tenant, id);
    return await this.get(tenant, id);
  }

  /**
   * Takes a release that was signed, and has agents become it ring by ring.
   *
   * @throws {VerificationError} – as `Releases.verify()`
   * @throws {HubError} attachment_missing – a part of it was not uploaded
   * @throws {HubError} bad_request – there is no agent for it
   */
  async createForRelease(
    tenant: string,
    who: string,
    envelope: Uint8Array,
    request: Omit<RolloutRequest, "subject"> = {},
  ): Promise<Rollout> {
    const { database, releases } = this.#options;
    const release = await releases.verify(tenant, envelope);
    const { sequence: number, version, deno } = release;
    const id = crypto.randomUUID();
    await database.transaction(async (tx) => {
      await releases.put(tx, tenant, who, envelope, release);
      const subject: RolloutSubject = { kind: "release", number, version, deno };
      await this.#insert(tx, tenant, who, id, subject, request);
    });
    await this.#step(tenant, id);
    return await this.get(tenant, id);
  }

  /** Newest first. */
  async list(tenant: string, query: PageOptions = {}): Promise<Page<Rollout>> {
    const { database } = this.#options;
    const limit = limitOf(query);
    const before = query.after ?? "9999999999999.";
    const rows = await database.all<RolloutRow>(
      `SELECT ${ROLLOUT_COLUMNS} FROM rollouts
       WHERE tenant = ?1 AND (CAST(created AS TEXT) || '.' || id) < ?2
       ORDER BY created DESC, id DESC LIMIT ?3`,
      [tenant, before, limit + 1],
    );
    const page = pageOf(rows, limit, (row) => `${row.created}.${row.id}`);
    const items: Rollout[] = [];
    for (const row of page.items) items.push(await withRings(database, tenant, row));
    return { items, next: page.next };
  }

  /** @throws {HubError} not_found */
  async get(tenant: string, id: string): Promise<Rollout> {
    const { database } = this.#options;
    return await withRings(database, tenant, await rolloutRow(database, tenant, id));
  }

  /** No ring begins until it is resumed. @throws {HubError} not_found, conflict */
  async pause(tenant: string, who: string, id: string): Promise<Rollout> {
    return await this.#turn(tenant, who, id, ["running"], "paused");
  }

  /** @throws {HubError} not_found, conflict */
  async resume(tenant: string, who: string, id: string): Promise<Rollout> {
    await this.#turn(tenant, who, id, ["paused", "halted"], "running");
    await this.#step(tenant, id);
    return await this.get(tenant, id);
  }

  /** Ends what the ring under way was ordered, too. @throws {HubError} not_found, conflict */
  async halt(tenant: string, who: string, id: string): Promise<Rollout> {
    const halted = await this.#turn(
      tenant,
      who,
      id,
      ["running", "paused"],
      "halted",
      "by a person",
    );
    await this.#cancelRing(tenant, who, halted);
    return await this.get(tenant, id);
  }

  /**
   * Has every agent that was reached run the version before.
   *
   * @throws {HubError} not_found
   * @throws {HubError} conflict – there is none to go back to: agents never take an older
   *   accept-list or release, so the next one must be signed with what the one before it said
   */
  async takeBack(tenant: string, who: string, id: string): Promise<Rollout> {
    const { database, orders } = this.#options;
    const rollout = await this.get(tenant, id);
    const { subject, gate } = rollout;
    if (subject.kind !== "script") {
      throw new HubError(
        "conflict",
        "Cannot take back what agents never go back from: sign the next one as the last one was",
      );
    }
    if (subject.before === null) {
      throw new HubError("conflict", "Cannot take a rollout back that names no version before");
    }
    const states = ["running", "paused", "halted", "done"] as const;
    await this.#turn(tenant, who, id, states, "returned");
    await this.#cancelRing(tenant, who, rollout);
    const reached = await database.all<{ agent: KeyId }>(
      `SELECT agent FROM rollout_agents JOIN rollout_rings
         ON rollout_rings.tenant = rollout_agents.tenant
         AND rollout_rings.rollout = rollout_agents.rollout
         AND rollout_rings.ring = rollout_agents.ring
       WHERE rollout_agents.tenant = ?1 AND rollout_agents.rollout = ?2 AND started IS NOT NULL
       ORDER BY agent`,
      [tenant, id],
    );
    if (reached.length > 0) {
      await orders.create(tenant, who, {
        script: { name: subject.script, range: subject.before },
        input: subject.input,
        select: { agents: reached.map(({ agent }) => agent) },
        expiresMs: gate.withinMs + ORDER_MARGIN_MS,
        idempotencyKey: `rollout-${id}-back`,
      });
    }
    return await this.get(tenant, id);
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
      await this.#step(tenant, id).catch((error) => {
        this.#options.log("error", "rollout not done", { rollout: id, error: messageOf(error) });
      });
    }
  }

  /** Begins rings, and judges the one that is under way, until one has to be waited for. */
  async #step(tenant: string, id: string): Promise<void> {
    const { database, now } = this.#options;
    for (;;) {
      const row = await rolloutRow(database, tenant, id);
      if (row.state !== "running") return;
      const subject: RolloutSubject = JSON.parse(row.subject);
      const ring = (await ringRows(database, tenant, id)).find(({ passed }) => passed === null);
      if (!ring) return await this.#end(tenant, id, "done", null);
      if (ring.started === null || (subject.kind === "script" && ring.order === null)) {
        await this.#begin(tenant, row, subject, ring.ring);
        continue;
      }
      const health = await healthOf(database, tenant, id, subject, ring);
      const verdict = judgeRing(health, JSON.parse(row.gate), now() - ring.started);
      if (verdict === "wait") return;
      if (verdict !== "pass") {
        await this.#end(tenant, id, "halted", `ring "${ring.name}": ${verdict.halt}`);
        return await this.#cancelRing(tenant, "system", await this.get(tenant, id));
      }
      await database.run(
        `UPDATE rollout_rings SET passed = ?4
         WHERE tenant = ?1 AND rollout = ?2 AND ring = ?3 AND passed IS NULL`,
        [tenant, id, ring.ring, now()],
      );
    }
  }

  /** Whoever orders second orders the same: agents know the key. */
  async #begin(
    tenant: string,
    { id, who, gate }: RolloutRow,
    subject: RolloutSubject,
    ring: number,
  ): Promise<void> {
    const { database, now, orders, events, listsChanged } = this.#options;
    await database.run(
      `UPDATE rollout_rings SET started = ?4
       WHERE tenant = ?1 AND rollout = ?2 AND ring = ?3 AND started IS NULL`,
      [tenant, id, ring, now()],
    );
    events.tell(tenant, { type: "rollout", id });
    if (subject.kind !== "script") return listsChanged(tenant);
    const agents = await database.all<{ agent: KeyId }>(
      `SELECT agent FROM rollout_agents JOIN agents
         ON agents.tenant = rollout_agents.tenant AND agents.id = rollout_agents.agent
       WHERE rollout_agents.tenant = ?1 AND rollout = ?2 AND ring = ?3 AND standing = 'approved'
       ORDER BY agent`,
      [tenant, id, ring],
    );
    const order = await orders.create(tenant, who, {
      script: { name: subject.script, range: subject.version },
      input: subject.input,
      select: { agents: agents.map(({ agent }) => agent) },
      expiresMs: (JSON.parse(gate) as Gate).withinMs + ORDER_MARGIN_MS,
      idempotencyKey: `rollout-${id}-${ring}`,
    });
    await database.run(
      `UPDATE rollout_rings SET order_id = ?4
       WHERE tenant = ?1 AND rollout = ?2 AND ring = ?3 AND order_id IS NULL`,
      [tenant, id, ring, order.id],
    );
  }

  async #cancelRing(tenant: string, who: string, { subject, rings }: Rollout): Promise<void> {
    if (subject.kind !== "script") return;
    const ring = rings.findLast(({ order, passed }) => order !== null && passed === null);
    if (ring) await this.#options.orders.cancel(tenant, who, ring.order!);
  }

  /** A person's doing. */
  async #turn(
    tenant: string,
    who: string,
    id: string,
    from: readonly RolloutState[],
    to: RolloutState,
    reason: string | null = null,
  ): Promise<Rollout> {
    const { database, audit, now, events } = this.#options;
    await database.transaction(async (tx) => {
      const { state } = await rolloutRow(tx, tenant, id);
      if (!from.includes(state)) {
        throw new HubError("conflict", `Cannot turn a rollout that is ${state} to ${to}`);
      }
      await tx.run(
        "UPDATE rollouts SET state = ?3, reason = ?4, updated = ?5 WHERE tenant = ?1 AND id = ?2",
        [tenant, id, to, reason, now()],
      );
      await audit.append(tx, tenant, { who, action: `rollout_${to}`, subject: id });
    });
    events.tell(tenant, { type: "rollout", id });
    const rollout = await this.get(tenant, id);
    if (rollout.subject.kind !== "script") this.#options.listsChanged(tenant);
    return rollout;
  }

  /** What came of a rollout by itself; a second hub that finds the same is too late. */
  async #end(
    tenant: string,
    id: string,
    state: "done" | "halted",
    reason: string | null,
  ): Promise<void> {
    const { database, audit, now, events } = this.#options;
    await database.transaction(async (tx) => {
      const ended = await tx.run(
        `UPDATE rollouts SET state = ?3, reason = ?4, updated = ?5
         WHERE tenant = ?1 AND id = ?2 AND state = 'running'`,
        [tenant, id, state, reason, now()],
      );
      if (ended === 0) return;
      const detail = reason === null ? {} : { reason };
      await audit.append(tx, tenant, {
        who: "system",
        action: `rollout_${state}`,
        subject: id,
        detail,
      });
    });
    events.tell(tenant, { type: "rollout", id });
    const { subject } = await this.get(tenant, id);
    if (subject.kind !== "script") this.#options.listsChanged(tenant);
  }

  async #insert(
    tx: HubQueries,
    tenant: string,
    who: string,
    id: string,
    subject: RolloutSubject,
    { rings = DEFAULT_RINGS, gate }: Omit<RolloutRequest, "subject">,
  ): Promise<void> {
    const { now, audit } = this.#options;
    const whole = wholeGate(gate);
    const filled = await insertRollout(tx, tenant, {
      ...{ id, subject, rings, gate: whole, who, now: now() },
    });
    const { kind, version } = subject;
    const sizes = filled.map(({ name, agents }) => [name, agents.length]);
    const detail = { kind, version, rings: sizes };
    await audit.append(tx, tenant, { who, action: "rollout_begun", subject: id, detail });
  }
}
