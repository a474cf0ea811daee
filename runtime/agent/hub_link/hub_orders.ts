import type { Digest } from "../../core/documents/common.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { VerificationError } from "../../core/errors.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ContentStore } from "../content/content_store.ts";
import { AgentError } from "../errors.ts";
import type { OrderParts } from "../http/order_routes.ts";
import type { WantedUpload } from "../orders/wanted_attachments.ts";
import type { AttachmentOwnerTable } from "../store/attachment_owners.ts";
import type { HubReportTable } from "../store/hub_reports.ts";
import type { RunTable } from "../store/runs.ts";
import type { HubClient } from "./hub_client.ts";
import type { FromAgent, FromHub } from "./wire.ts";

/** What of the agent takes orders. */
export interface OrderDoor extends OrderParts {
  wanted(digest: Digest, orderers: readonly string[] | undefined): WantedUpload;
  owners: Pick<AttachmentOwnerTable, "add">;
  blobs: ContentStore;
  runs: RunTable;
  scheduler: { cancel(run: number): Promise<boolean> };
}

/** What {@linkcode HubOrders} work with. */
export interface HubOrdersOptions {
  door: OrderDoor;
  reports: HubReportTable;
  /** Aborted when the agent stops. */
  signal: AbortSignal;
}

type OrderMessage = Extract<FromHub, { type: "order" }>;
type Answer = Extract<FromAgent, { type: "taken" | "refused" }>;

/** Faults of this machine that may be over when the order comes again. */
const PASSING: ReadonlySet<string> = new Set([
  "disk_full",
  "state_full",
  "state_unreadable",
  "busy",
  "stopping",
]);

/**
 * Orders that come by the hub. Each goes through the same door as any other: its own signature says
 * who asks, and its id makes it run once, however often the hub sends it.
 */
export class HubOrders {
  readonly #options: HubOrdersOptions;
  /** Orders that are being fetched and stored. */
  readonly #taking = new Map<string, Promise<Answer | undefined>>();

  constructor(options: HubOrdersOptions) {
    this.#options = options;
  }

  /**
   * Takes an order.
   *
   * @returns what the hub is told; `undefined` when it is to send the order again later.
   */
  take(message: OrderMessage, client: HubClient): Promise<Answer | undefined> {
    const { order } = message;
    const taking = this.#taking.get(order) ??
      this.#take(message, client).finally(() => this.#taking.delete(order));
    this.#taking.set(order, taking);
    return taking;
  }

  async #take(message: OrderMessage, client: HubClient): Promise<Answer | undefined> {
    const { order } = message;
    try {
      const run = this.#known(order) ?? await this.#accept(message, client);
      // Another order of the same key has run; what comes of that one is told under its own id.
      if (run === undefined) return { type: "refused", order, code: "known_idempotency_key" };
      await this.#options.reports.add(order);
      return { type: "taken", order, run };
    } catch (error) {
      if (this.#options.signal.aborted) return undefined;
      if (error instanceof AgentError && PASSING.has(error.code)) return undefined;
      if (error instanceof VerificationError || error instanceof AgentError) {
        return { type: "refused", order, code: error.code };
      }
      throw error;
    }
  }

  /** Ends the last run of an order, also of one that is just being taken. */
  async cancel(order: string): Promise<void> {
    await this.#taking.get(order)?.catch(() => {});
    const run = this.#known(order);
    if (run !== undefined) await this.#options.door.scheduler.cancel(run);
  }

  #known(order: string): number | undefined {
    return this.#options.door.runs.ofOrder(order);
  }

  /** @returns `undefined` when an order of before stands for it. */
  async #accept({ order, envelope }: OrderMessage, client: HubClient): Promise<number | undefined> {
    const { door } = this.#options;
    const bytes = envelope === undefined
      ? await client.get(`orders/${order}`, LIMITS.ORDER_BYTES)
      : new TextEncoder().encode(envelope);
    if (!bytes) throw new AgentError("hub_refused", `Cannot take order ${order}: it is not there`);
    requireNamed(bytes, order);
    for (const digest of await door.missing(bytes, true)) await this.#fetch(order, digest, client);
    const accepted = await door.accept(bytes);
    return accepted.order === order ? accepted.run : undefined;
  }

  /** Fetches a document of an order; the door has said that the order may have it. */
  async #fetch(order: string, digest: Digest, client: HubClient): Promise<void> {
    const { door, signal } = this.#options;
    const { orderers } = door.wanted(digest, undefined);
    const body = await client.stream(`orders/${order}/blobs/${digest}`, signal);
    if (!body) throw new AgentError("attachment_missing", `Cannot get ${digest} from the hub`);
    await door.blobs.put(digest, body);
    await door.owners.add(digest, orderers);
  }
}

/** The hub would otherwise hear of an order under the name of another one. */
function requireNamed(bytes: Uint8Array, order: string): void {
  const { id } = parseDocument("order", openEnvelope("order", bytes).payload);
  if (id === order) return;
  throw new VerificationError("order_mismatch", `Cannot take order ${order} as it is ${id}`);
}
