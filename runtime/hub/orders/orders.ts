import type { KeyId } from "../../core/documents/common.ts";
import type { Order } from "../../core/documents/order.ts";
import type { Root } from "../../core/documents/root.ts";
import type { Signer } from "../../core/key.ts";
import type { HubAudit } from "../audit/hub_audit.ts";
import { type HubContent, useContent } from "../content/hub_content.ts";
import type { HubDatabase, HubQueries } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";
import type { HubEvents } from "../events/hub_events.ts";
import { HUB_LIMITS } from "../limits.ts";
import type { Lists } from "../lists/lists.ts";
import type { Page, PageOptions } from "../page.ts";
import type { Tenants } from "../tenants/tenants.ts";
import { type OrderText, requireOrderer } from "./hub_orderer.ts";
import {
  insertDeliveries,
  insertDocument,
  insertOrder,
  type Part,
  requireRoom,
} from "./insert_order.ts";
import { dueAgain, nextDue } from "./next_due.ts";
import type { Delivery, DeliveryState, HubOrder, LogEntry } from "./order_record.ts";
import { orderHead, type OrderRequest, orderText, partsOf } from "./order_request.ts";
import type { OrderCheck } from "./order_check.ts";
import { readDeliveries, readHistory, readLog } from "./read_deliveries.ts";
import { type OrderQuery, type OrderRow, orderRow, readOrders, withCounts } from "./read_orders.ts";
import { selectAgents } from "./select_agents.ts";
import { verifySigned } from "./verify_signed.ts";

/** Which parts of an order are wanted. */
export interface DeliveryQuery extends PageOptions {
  /** One agent's alone. */
  agent?: string | undefined;
  state?: DeliveryState | undefined;
}

/** What {@linkcode Orders} work with. */
export interface OrdersOptions {
  database: HubDatabase;
  audit: HubAudit;
  events: HubEvents;
  tenants: Tenants;
  lists: Lists;
  content: HubContent;
  check: Pick<OrderCheck, "require">;
  now(): number;
  /** The key by which the hub orders for a tenant. */
  signer(tenant: string): Signer;
  /** Whether an agent is connected to this hub, and has room for an order. */
  isHere(tenant: string, agent: KeyId): boolean;
  /** Called with what was leased to agents that are. */
  leased(tenant: string, order: string, parts: readonly Part[]): void;
  /** Called when other agents should be told of an order, or any of its end. */
  changed(tenant: string, order: string, what: "added" | "cancelled"): void;
}

/** Orders on their way to many agents, and what came of them. */
export class Orders {
  readonly #options: OrdersOptions;

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  /**
   * Orders by the hub's own key, from the agents that the selection means now.
   *
   * @param within Called in the transaction that stores it; what that throws takes all of it back.
   * @throws {HubError} no_orderer_key – the root does not entitle the hub
   * @throws {HubError} not_found – an agent that is named is not there
   * @throws {HubError} bad_request – the selection means nobody, or it would wait too long
   * @throws {HubError} quota – the tenant has as many orders waiting as it may
   * @throws {HubError} attachment_missing – a document was not uploaded
   * @throws {VerificationError} bad_schema, too_large – no agent would take it
   * @throws {VerificationError} – as {@linkcode OrderCheck.require}
   */
  async create(
    tenant: string,
    who: string,
    request: OrderRequest,
    within: (tx: HubQueries, id: string) => Promise<void> = async () => {},
  ): Promise<HubOrder> {
    const { signer } = this.#options;
    const { root, text } = await this.require(tenant, request);
    const { select } = request;
    const id = crypto.randomUUID();
    const row: OrderRow = {
      ...orderHead(id, text.script, who, select),
      orderer: "hub",
      created: text.issued,
      expires: text.expires,
      ...await scheduled(text.schedule, text.expires, text.issued),
      cancelled: null,
    };
    return await this.#add(tenant, row, text.attachments, async (tx) => {
      const agents = await selectAgents(tx, tenant, select, false);
      await within(tx, id);
      return partsOf(text, root, agents, signer(tenant));
    });
  }

  /**
   * What {@linkcode create} asks of an order before it looks for whom it is.
   *
   * @throws {HubError} no_orderer_key, bad_request – as {@linkcode create}
   * @throws {VerificationError} – as {@linkcode OrderCheck.require}
   */
  async require(tenant: string, request: OrderRequest): Promise<{ root: Root; text: OrderText }> {
    const { lists, now, signer, check } = this.#options;
    const { root } = await lists.root(tenant);
    const orderers = requireOrderer(root, signer(tenant));
    const text = orderText(request, now());
    await check.require(tenant, text, orderers);
    return { root, text };
  }

  /**
   * Takes an order that somebody entitled signed elsewhere. Its audience says whom it is for.
   *
   * @throws {VerificationError} threshold, wrong_fleet, expired, not_yet_valid – no agent would
   *   take it
   * @throws {HubError} conflict – it was sent before
   * @throws {HubError} – and those of {@linkcode create}
   */
  async send(tenant: string, who: string, envelope: Uint8Array): Promise<HubOrder> {
    const { lists, now, check } = this.#options;
    const { root } = await lists.root(tenant);
    const { order, orderers } = verifySigned(envelope, root, now());
    await check.require(tenant, order, orderers);
    const { audience, id, script, schedule } = order;
    const byList = await lists.newest(tenant) !== undefined;
    const row: OrderRow = {
      ...orderHead(id, script, who, audience),
      orderer: "offline",
      created: now(),
      expires: Date.parse(order.expires),
      ...await scheduled(schedule, Date.parse(order.expires), now()),
      cancelled: null,
    };
    return await this.#add(tenant, row, order.attachments, async (tx) => {
      const agents = await selectAgents(tx, tenant, audience, byList);
      return [{ id, envelope, agents }];
    });
  }

  /** Newest first. */
  async list(tenant: string, query: OrderQuery = {}): Promise<Page<HubOrder>> {
    const { database, now } = this.#options;
    const page = await readOrders(database, tenant, query, now());
    const items = await dueAgain(database, tenant, page.items, now());
    return { next: page.next, items: await withCounts(database, tenant, items) };
  }

  /** @throws {HubError} not_found */
  async get(tenant: string, id: string): Promise<HubOrder> {
    const { database, now } = this.#options;
    const rows = await dueAgain(database, tenant, [await orderRow(database, tenant, id)], now());
    return (await withCounts(database, tenant, rows))[0]!;
  }

  /** By agent. @throws {HubError} not_found */
  async deliveries(
    tenant: string,
    id: string,
    query: DeliveryQuery = {},
  ): Promise<Page<Delivery>> {
    const { database } = this.#options;
    await orderRow(database, tenant, id);
    return await readDeliveries(database, tenant, { ...query, order: id });
  }

  /** What an agent was ordered, newest first. */
  async ofAgent(tenant: string, agent: string, query: PageOptions = {}): Promise<Page<Delivery>> {
    return await readHistory(this.#options.database, tenant, agent, query);
  }

  /** What happened in the runs of an order, by agent. @throws {HubError} not_found */
  async log(
    tenant: string,
    id: string,
    query: PageOptions & { agent?: string | undefined } = {},
  ): Promise<Page<LogEntry>> {
    const { database } = this.#options;
    await orderRow(database, tenant, id);
    return await readLog(database, tenant, id, query);
  }

  /**
   * Takes an order back from the agents that have not got it, and asks the others to end its runs.
   *
   * @throws {HubError} not_found
   */
  async cancel(tenant: string, who: string, id: string): Promise<HubOrder> {
    const { database, audit, events, now, changed } = this.#options;
    await database.transaction(async (tx) => {
      const row = await orderRow(tx, tenant, id);
      if (row.cancelled !== null) return;
      await tx.run("UPDATE orders SET cancelled = ?3 WHERE tenant = ?1 AND id = ?2", [
        tenant,
        id,
        now(),
      ]);
      await tx.run(
        `UPDATE deliveries SET state = 'cancelled', updated = ?3
         WHERE tenant = ?1 AND order_id = ?2 AND state = 'queued'`,
        [tenant, id, now()],
      );
      await audit.append(tx, tenant, { who, action: "order_cancelled", subject: id });
    });
    events.tell(tenant, { type: "order", id });
    changed(tenant, id, "cancelled");
    return await this.get(tenant, id);
  }

  async #add(
    tenant: string,
    row: OrderRow,
    attachments: OrderText["attachments"],
    partsFor: (tx: HubQueries) => Promise<readonly Part[]>,
  ): Promise<HubOrder> {
    const { database, audit, events, changed, content, tenants, leased } = this.#options;
    const { maxQueued } = await tenants.get(tenant);
    for (const { sha256, length } of attachments) {
      if (await content.length(tenant, sha256) === length) continue;
      throw new HubError("attachment_missing", `Cannot take the order without ${sha256}`);
    }
    const stored = await database.transaction(async (tx) => {
      const parts = await partsFor(tx);
      const count = parts.reduce((sum, { agents }) => sum + agents.length, 0);
      if (count === 0) throw new HubError("bad_request", "Cannot order as it is for no agent");
      await requireRoom(tx, tenant, count, maxQueued);
      await insertOrder(tx, tenant, row);
      await useContent(tx, tenant, attachments.map(({ sha256 }) => sha256), row.id);
      const here: Part[] = [];
      for (const part of parts) here.push(await this.#store(tx, tenant, row, part));
      const { script, version, orderer, who } = row;
      const detail = { script, version, orderer, agents: count };
      await audit.append(tx, tenant, { who, action: "ordered", subject: row.id, detail });
      return { here, waits: here.reduce((left, { agents }) => left - agents.length, count) > 0 };
    });
    leased(tenant, row.id, stored.here);
    events.tell(tenant, { type: "order", id: row.id });
    if (stored.waits) changed(tenant, row.id, "added");
    return await this.get(tenant, row.id);
  }

  /** @returns for whom of the agents that are connected here it is sent at once. */
  async #store(tx: HubQueries, tenant: string, row: OrderRow, part: Part): Promise<Part> {
    const { isHere, now } = this.#options;
    await insertDocument(tx, tenant, row.id, part);
    const agents = Map.groupBy(part.agents, (agent) => isHere(tenant, agent));
    const here = { ...part, agents: agents.get(true) ?? [] };
    const others = { ...part, agents: agents.get(false) ?? [] };
    await insertDeliveries(tx, tenant, row, here, now() + HUB_LIMITS.LEASE_MS);
    await insertDeliveries(tx, tenant, row, others, null);
    return here;
  }
}

/** When an order is due, as it is stored. */
async function scheduled(
  schedule: Order["schedule"],
  expires: number,
  now: number,
): Promise<Pick<OrderRow, "schedule" | "due">> {
  if (!schedule) return { schedule: null, due: null };
  return {
    schedule: JSON.stringify(schedule),
    due: await nextDue({ schedule, expires }, now),
  };
}
