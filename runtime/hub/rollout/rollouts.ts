import type { Signer } from "../../core/key.ts";
import type { HubQueries } from "../database/hub_database.ts";
import { lockTenant } from "../database/lock_tenant.ts";
import { HubError } from "../errors.ts";
import type { Lists } from "../lists/lists.ts";
import type { Releases } from "../releases/releases.ts";
import { requireOrderer } from "../orders/hub_orderer.ts";
import { limitOf, type Page, pageOf, type PageOptions, placeAfter, placeOf } from "../page.ts";
import type { Scripts } from "../scripts/scripts.ts";
import { type PartialGate, wholeGate } from "./gate.ts";
import { insertRollout } from "./insert_rollout.ts";
import { ROLLOUT_COLUMNS, type RolloutRow, rolloutRow, withRings } from "./read_rollouts.ts";
import { requireAlone, requirePublished } from "./require_script.ts";
import { keepFigures } from "./ring_health.ts";
import { beginRingAnew, ringRows } from "./ring_rows.ts";
import { DEFAULT_RINGS, type Ring } from "./rings.ts";
import type { Rollout, RolloutState, RolloutSubject } from "./rollout_record.ts";
import { ringOrder } from "./ring_order.ts";
import { RolloutSteps, type RolloutStepsOptions } from "./rollout_steps.ts";
import { backOrder, orderBack, whyNoWayBack } from "./way_back.ts";

/** What a rollout is made from. */
export interface RolloutRequest {
  readonly subject: Omit<RolloutSubject & { kind: "script" }, "kind">;
  /** Default: {@linkcode DEFAULT_RINGS}. */
  readonly rings?: readonly Ring[] | undefined;
  /** What is not said is as by default. */
  readonly gate?: PartialGate | undefined;
}

/** What {@linkcode Rollouts} work with. */
export interface RolloutsOptions extends RolloutStepsOptions {
  lists: Lists;
  releases: Releases;
  scripts: Scripts;
  /** The key by which the hub orders for a tenant. */
  signer(tenant: string): Signer;
}

/**
 * Brings a script's version, an accept-list or a release to the agents ring by ring. What goes
 * wrong in one ring keeps it from the next.
 */
export class Rollouts implements Disposable {
  readonly #options: RolloutsOptions;
  readonly #steps: RolloutSteps;

  constructor(options: RolloutsOptions) {
    this.#options = options;
    this.#steps = new RolloutSteps(options);
  }

  /** As `RolloutSteps.wake()`. */
  wake(): void {
    this.#steps.wake();
  }

  /** As `RolloutSteps.stepAll()`. */
  async stepAll(): Promise<void> {
    await this.#steps.stepAll();
  }

  [Symbol.dispose](): void {
    this.#steps[Symbol.dispose]();
  }

  /**
   * Rolls out a script's version: its first ring is ordered to run it at once.
   *
   * @returns it, with why it could not be taken back, see {@linkcode whyNoWayBack}.
   * @throws {HubError} bad_request – there is no such version, or no agent for it or for a ring
   * @throws {HubError} no_orderer_key – the root does not entitle the hub to order
   * @throws {HubError} conflict – another rollout of the script is under way
   * @throws {VerificationError} – as `Orders.require()`
   */
  async create(
    tenant: string,
    who: string,
    request: RolloutRequest,
  ): Promise<Rollout & { warning: string | null }> {
    const { database, scripts, orders } = this.#options;
    const subject = { kind: "script", ...request.subject } as const;
    await requirePublished(scripts, tenant, subject);
    // What could not begin must not wait until it can.
    const order = ringOrder(subject, wholeGate(request.gate));
    await orders.require(tenant, { ...order, select: "all" });
    const id = crypto.randomUUID();
    await database.transaction(async (tx) => {
      await lockTenant(tx, tenant);
      await requireAlone(tx, tenant, subject);
      await this.#insert(tx, tenant, who, id, subject, request);
    });
    await this.#steps.step(tenant, id);
    const warning = await this.whyNoWayBack(tenant, subject);
    return { ...await this.get(tenant, id), warning };
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
    await this.#steps.step(tenant, id);
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
    const verified = await releases.verify(tenant, envelope);
    const { sequence: number, version, deno } = verified.release;
    const id = crypto.randomUUID();
    await database.transaction(async (tx) => {
      await releases.put(tx, tenant, who, envelope, verified);
      const subject: RolloutSubject = { kind: "release", number, version, deno };
      await this.#insert(tx, tenant, who, id, subject, request);
    });
    await this.#steps.step(tenant, id);
    return await this.get(tenant, id);
  }

  /** Newest first. */
  async list(tenant: string, query: PageOptions = {}): Promise<Page<Rollout>> {
    const { database } = this.#options;
    const limit = limitOf(query);
    const [created, id] = placeAfter(query);
    const rows = await database.all<RolloutRow>(
      `SELECT ${ROLLOUT_COLUMNS} FROM rollouts
       WHERE tenant = ?1 AND (created < ?2 OR (created = ?2 AND id < ?3))
       ORDER BY created DESC, id DESC LIMIT ?4`,
      [tenant, created, id, limit + 1],
    );
    const page = pageOf(rows, limit, placeOf);
    const items: Rollout[] = [];
    for (const row of page.items) items.push(await withRings(database, tenant, row));
    return { items, next: page.next };
  }

  /** @throws {HubError} not_found */
  async get(tenant: string, id: string): Promise<Rollout> {
    const { database } = this.#options;
    return await withRings(database, tenant, await rolloutRow(database, tenant, id));
  }

  /** Why agents would refuse to go back to the version that a rollout names; `null` when not. */
  async whyNoWayBack(tenant: string, subject: RolloutSubject): Promise<string | null> {
    return await whyNoWayBack(this.#options, tenant, subject);
  }

  /** No ring begins until it is resumed. @throws {HubError} not_found, conflict */
  async pause(tenant: string, who: string, id: string): Promise<Rollout> {
    return await this.#turn(tenant, who, id, ["running"], "paused");
  }

  /** Goes on; the ring in which it was halted begins anew. @throws {HubError} not_found, conflict */
  async resume(tenant: string, who: string, id: string): Promise<Rollout> {
    await this.#turn(tenant, who, id, ["paused", "halted"], "running");
    await this.#steps.step(tenant, id);
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
    await this.#steps.cancelRing(tenant, who, halted);
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
    const rollout = await this.get(tenant, id);
    const order = backOrder(rollout);
    await this.#requireMayOrder(tenant);
    // Once more where the order to go back was refused, for a full queue, say.
    const again = rollout.back === null ? ["returned"] as const : [];
    const states = ["running", "paused", "halted", "done", ...again] as const;
    const returned = await this.#turn(tenant, who, id, states, "returned");
    await this.#steps.cancelRing(tenant, who, returned);
    await orderBack(this.#options, tenant, who, id, order);
    return await this.get(tenant, id);
  }

  async #requireMayOrder(tenant: string): Promise<void> {
    const { lists, signer } = this.#options;
    requireOrderer((await lists.root(tenant)).root, signer(tenant));
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
      await lockTenant(tx, tenant);
      const { state, subject } = await rolloutRow(tx, tenant, id);
      if (!from.includes(state)) {
        throw new HubError("conflict", `Cannot turn a rollout that is ${state} to ${to}`);
      }
      await tx.run(
        "UPDATE rollouts SET state = ?3, reason = ?4, updated = ?5 WHERE tenant = ?1 AND id = ?2",
        [tenant, id, to, reason, now()],
      );
      if (to === "halted" || to === "returned") {
        await keepFigures(tx, tenant, id, JSON.parse(subject), await ringRows(tx, tenant, id));
      }
      if (state === "halted" && to === "running") await beginRingAnew(tx, tenant, id);
      await audit.append(tx, tenant, { who, action: `rollout_${to}`, subject: id });
    });
    events.tell(tenant, { type: "rollout", id });
    const rollout = await this.get(tenant, id);
    if (rollout.subject.kind !== "script") this.#options.listsChanged(tenant);
    return rollout;
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
