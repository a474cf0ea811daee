import type { KeyId } from "../../core/documents/common.ts";
import { type FromHub, INLINE_ORDER_BYTES } from "../../agent/hub_link/wire.ts";
import { messageOf } from "../../agent/errors.ts";
import type { Log } from "../../agent/mod.ts";
import { type PeerSocket, WrittenMessage } from "../../peer/socket/mod.ts";
import type { BusMessage } from "../bus/hub_bus.ts";
import type { HubEvents } from "../events/hub_events.ts";
import { HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import type { Deliveries, Outgoing } from "../orders/deliveries.ts";
import type { Part } from "../orders/insert_order.ts";
import { textOf } from "../lists/carried_documents.ts";
import { AgentLink } from "./agent_link.ts";
import { Allowances } from "./allowances.ts";
import type { AgentReports } from "./agent_reports.ts";
import type { PresenceTable } from "./presence_table.ts";
import type { Spread } from "./spread.ts";
import type { StandingNotes } from "./standing_notes.ts";

/** What {@linkcode Links} work with. */
export interface LinksOptions {
  deliveries: Deliveries;
  presence: PresenceTable;
  reports: AgentReports;
  notes: StandingNotes;
  spread: Pick<Spread, "ms">;
  events: HubEvents;
  now(): number;
  log: Log;
}

/** Agents that are told of one order with one question to the database. */
const AT_ONCE = 2_000;

/** Agents that are sent an order before answers are read, which cost more than to send it. */
const SENT_AT_ONCE = 2_000;

/** The connections that this hub holds, and what goes out over them. */
export class Links {
  readonly #options: LinksOptions;
  readonly #links = new Map<string, AgentLink>();
  readonly #allowances = new Allowances();
  /** Those that were heard of since it was last written down. */
  readonly #heard = new Set<AgentLink>();
  readonly #running = new Set<Promise<void>>();
  /** Orders that are on their way to many agents. */
  readonly #sending = new Map<string, Promise<void>>();

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#links.size;
  }

  /**
   * Keeps a connection until it ends. An earlier one of the same agent ends with it. Resolves when
   * the agent was told where it stands, or never will be.
   */
  open(socket: PeerSocket, tenant: string): Promise<void> {
    const key = `${tenant} ${socket.peer}`;
    const allowance = this.#allowances.of(key);
    const link = new AgentLink(socket, { tenant, now: this.#options.now(), allowance });
    this.#links.get(key)?.end("replaced");
    this.#links.set(key, link);
    const begun = Promise.withResolvers<void>();
    const running = this.#serve(link, key, begun.resolve).catch((error) => {
      this.#options.log("error", "agent not served", {
        agent: link.agent,
        error: messageOf(error),
      });
      // It comes back by itself, maybe when the database does.
      link.end("failed");
      this.#forget(link, key);
    }).finally(() => {
      begun.resolve();
      this.#running.delete(running);
    });
    this.#running.add(running);
    return begun.promise;
  }

  /** Whether an order can be sent to an agent at once. */
  takes(tenant: string, agent: KeyId): boolean {
    return this.#links.get(`${tenant} ${agent}`)?.takesOrders() ?? false;
  }

  /**
   * Sends what was leased to agents that are connected here. To one that is gone meanwhile it is
   * sent again when it is back, or when the lease is over.
   */
  sendOrders(tenant: string, order: string, parts: readonly Part[]): void {
    const sending = this.#sendParts(tenant, parts).finally(() => this.#sending.delete(order));
    this.#sending.set(order, sending);
  }

  async #sendParts(tenant: string, parts: readonly Part[]): Promise<void> {
    let count = 0;
    for (const { id, envelope, agents } of parts) {
      if (agents.length === 0) continue;
      const message = orderMessage({ document: id, envelope: textOf(envelope) });
      for (const agent of agents) {
        this.#links.get(`${tenant} ${agent}`)?.sendOrder(id, message);
        if (++count % SENT_AT_ONCE !== 0) continue;
        // What was sent leaves this process now, and not when all is written.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    }
  }

  /** Does what hubs tell each other, as far as it is about an agent that is connected here. */
  async hear(message: BusMessage): Promise<void> {
    switch (message.type) {
      case "ordered":
        return await this.#dispatch(message.tenant, message.order);
      case "cancelled":
        return await this.#tellCancelled(message.tenant, message.order);
      case "standing":
        return await this.#restate(message.tenant, message.agent);
      case "lists":
        return await this.#restateAll(message.tenant);
      case "event":
        return this.#options.events.show(message.tenant, message.event);
    }
  }

  /**
   * Sends what waits for agents that are connected here, should nobody have told this hub, and again
   * what was not acknowledged in time.
   */
  async sendWaiting(): Promise<void> {
    for (const { tenant, agent } of await this.#options.presence.withWaiting()) {
      const link = this.#links.get(`${tenant} ${agent}`);
      if (link?.isApproved) await this.#sendWaiting(link, false);
    }
  }

  /** Tells agents of documents of which nobody has told this hub. */
  async tellNews(): Promise<void> {
    for (const tenant of await this.#options.notes.forgetOld()) await this.#restateAll(tenant);
  }

  /** Cuts off who was revoked, should nobody have told this hub. */
  async endRevoked(): Promise<void> {
    for (const { tenant, agent } of await this.#options.presence.revoked()) {
      this.#links.get(`${tenant} ${agent}`)?.end("revoked");
    }
  }

  /** Tells those that came when there were few that by now they are to take their time. */
  async renewSpread(): Promise<void> {
    const { spread } = this.#options;
    const early = [...this.#links.values()]
      .filter(({ spreadMs }) => spreadMs > 0 && spreadMs * 2 <= spread.ms);
    for (const link of early.slice(0, AT_ONCE)) await this.#state(link);
  }

  /** Writes down which agents were heard of. */
  async recordHeard(): Promise<void> {
    const heard = [...this.#heard];
    this.#heard.clear();
    await this.#options.presence.heard(heard);
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    for (const link of this.#links.values()) link.end("stopping");
    await Promise.all(this.#running);
  }

  async #serve(link: AgentLink, key: string, begun: () => void): Promise<void> {
    const { presence, events } = this.#options;
    const { tenant, agent } = link;
    const told = () => events.tell(tenant, { type: "agent", id: agent });
    // Who was approved or revoked while the connection was made is told here, later ones by #restate.
    const standing = await presence.begin(link);
    told();
    if (standing === "revoked") link.end("revoked");
    else if (standing === "approved") link.isApproved = true;
    await this.#state(link);
    begun();
    const why = await link.run((_, message) => this.#receive(link, message));
    this.#forget(link, key);
    await presence.end(link, why);
    told();
  }

  #forget(link: AgentLink, key: string): void {
    this.#heard.delete(link);
    if (this.#links.get(key) === link) this.#links.delete(key);
  }

  async #receive(link: AgentLink, message: Parameters<AgentReports["take"]>[1]): Promise<void> {
    link.seen = this.#options.now();
    this.#heard.add(link);
    // The first who answer wait until the last have been sent it.
    if (this.#sending.size > 0) await Promise.all(this.#sending.values());
    await this.#whenThereIsRoom(link, async () => {
      const next = await this.#options.reports.take(link, message);
      if (next === "again") await this.#sendWaiting(link, true);
      if (next === "more") await this.#sendWaiting(link, false);
    });
  }

  /** On a full disk an agent is left waiting rather than cut off, only to come back and wait. */
  async #whenThereIsRoom(link: AgentLink, work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const isFull = error instanceof HubError && error.code === "disk_full";
        if (!isFull || !await link.pause(HUB_LIMITS.ROOM_MS)) throw error;
      }
    }
  }

  /** Tells an agent where it stands, and what waits for it once it has said hello. */
  #state(link: AgentLink): Promise<void> {
    const { notes } = this.#options;
    return link.inTurn(async () => {
      link.send(await notes.of(link));
      const offer = await notes.offerFor(link);
      if (offer) link.send(offer);
    });
  }

  async #restate(tenant: string, agent: KeyId): Promise<void> {
    const link = this.#links.get(`${tenant} ${agent}`);
    if (!link) return;
    const standing = await this.#options.notes.standing(tenant, agent);
    if (standing === "revoked") return link.end("revoked");
    link.isApproved = standing === "approved";
    await this.#state(link);
    if (link.isApproved) await this.#sendWaiting(link, true);
  }

  async #restateAll(tenant: string): Promise<void> {
    for (const link of this.#of(tenant)) await this.#state(link);
  }

  async #dispatch(tenant: string, order: string): Promise<void> {
    const { deliveries } = this.#options;
    const agents = this.#of(tenant).filter((link) => link.takesOrders()).map(({ agent }) => agent);
    // The same message goes to every agent of a document.
    const messages = new Map<string, WrittenMessage>();
    for (const [document, envelope] of await deliveries.documents(tenant, order)) {
      messages.set(document, orderMessage({ document, envelope }));
    }
    for (let i = 0; i < agents.length; i += AT_ONCE) {
      const some = agents.slice(i, i + AT_ONCE);
      for (const { agent, document } of await deliveries.leaseOrder(tenant, order, some)) {
        this.#links.get(`${tenant} ${agent}`)?.sendOrder(document, messages.get(document)!);
      }
    }
  }

  async #tellCancelled(tenant: string, order: string): Promise<void> {
    // Nobody is to hear of the end before the order.
    await this.#sending.get(order);
    const agents = this.#of(tenant).map(({ agent }) => agent);
    for (let i = 0; i < agents.length; i += AT_ONCE) {
      const some = agents.slice(i, i + AT_ONCE);
      for (
        const { agent, document } of await this.#options.deliveries.cancelled(tenant, order, some)
      ) {
        this.#links.get(`${tenant} ${agent}`)?.send({ type: "cancel", order: document });
      }
    }
  }

  async #sendWaiting(link: AgentLink, again: boolean): Promise<void> {
    if (!link.isApproved) return;
    const { deliveries } = this.#options;
    const { tenant, agent } = link;
    const { sent, isFull } = await deliveries.lease(tenant, agent, again);
    link.isFull = isFull;
    for (const order of sent) link.sendOrder(order.document, orderMessage(order));
    if (!again) return;
    for (const { document } of await deliveries.cancelledOf(tenant, agent)) {
      link.send({ type: "cancel", order: document });
    }
  }

  #of(tenant: string): AgentLink[] {
    return [...this.#links.values()].filter((link) => link.tenant === tenant);
  }
}

/** An order as it goes out; one that is long is fetched by the agent. */
function orderMessage({ document, envelope }: Omit<Outgoing, "agent">): WrittenMessage {
  const isShort = envelope.length <= INLINE_ORDER_BYTES;
  const message: FromHub = { type: "order", order: document, ...(isShort && { envelope }) };
  return new WrittenMessage(JSON.stringify(message));
}
