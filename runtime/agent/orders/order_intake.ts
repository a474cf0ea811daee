import type { Digest, KeyId } from "../../core/documents/common.ts";
import type { Order } from "../../core/documents/order.ts";
import { VerificationError } from "../../core/errors.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { verifyOrder } from "../../core/verification/order.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import type { TrustedClock } from "../clock.ts";
import type { ContentStore } from "../content/content_store.ts";
import { AgentError } from "../errors.ts";
import { requireRecorded } from "../state/lost_records.ts";
import { setMeta } from "../store/meta.ts";
import type { AttachmentOwnerTable } from "../store/attachment_owners.ts";
import type { AcceptedOrder, OrderTable } from "../store/orders.ts";
import type { RunEventTable } from "../store/run_events.ts";
import type { RunTable } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { missingAttachments, requireAttachments } from "../runs/attachments.ts";
import { nextOccurrence } from "../runs/next_occurrence.ts";
import type { Refusals } from "./refusals.ts";
import { isSameRequest } from "./same_request.ts";
import type { Scheduler } from "../runs/scheduler.ts";
import type { WantedAttachments } from "./wanted_attachments.ts";

/** What an {@linkcode OrderIntake} works with. */
export interface OrderIntakeOptions {
  agent: KeyId;
  store: Store;
  orders: OrderTable;
  runs: RunTable;
  events: RunEventTable;
  blobs: ContentStore;
  wanted: WantedAttachments;
  owners: AttachmentOwnerTable;
  audit: AuditLog;
  refusals: Refusals;
  scheduler: Scheduler;
  clock: TrustedClock;
  policy(): PolicyInForce;
  /** Throws when the state folder may not grow; absent where it always may. */
  requireRoom?(): void;
}

/** What whoever gave an order is told. */
export interface Acknowledgement {
  run: number;
  order: string;
}

/** The one way in for orders. */
export class OrderIntake {
  readonly #options: OrderIntakeOptions;
  /** Ids that are on their way to the disk. */
  readonly #pending = new Set<string>();

  constructor(options: OrderIntakeOptions) {
    this.#options = options;
  }

  /**
   * Verifies an order, stores it and lines it up. In order: signature, orderer, audience, time,
   * not seen before, room, attachments. Resolves when the order is on disk.
   *
   * An order with the idempotency key of an earlier one makes no run of its own: it is answered
   * with that order's run.
   *
   * @param bytes The order's envelope.
   * @throws {VerificationError} as `verifyOrder()` does.
   * @throws {AgentError} records_lost – it is older than what this agent remembers.
   * @throws {AgentError} attachment_missing – its orderer did not upload a document that it names.
   * @throws {AgentError} idempotency_conflict – an earlier order with its key asked for another thing.
   * @throws {AgentError} state_full – the state folder holds as much as it may.
   * @throws {AgentError} busy – too many runs are waiting.
   * @throws {AgentError} disk_full, state_unreadable – it could not be stored.
   */
  async accept(bytes: Uint8Array): Promise<Acknowledgement> {
    try {
      return await this.#accept(bytes);
    } catch (error) {
      if (error instanceof VerificationError || error instanceof AgentError) {
        this.#options.refusals.order(bytes, error);
      }
      throw error;
    }
  }

  /**
   * Verifies an order as {@linkcode accept} does, and stores nothing.
   *
   * @param byOperator The operator asks and may upload in the orderer's place.
   * @returns the digests of its attachments that its orderer did not upload and may now.
   * @throws {VerificationError} as `verifyOrder()` does.
   */
  async missing(bytes: Uint8Array, byOperator = false): Promise<Digest[]> {
    const { blobs, wanted, owners, refusals, clock } = this.#options;
    const now = clock.now();
    try {
      const { order, orderer } = this.#verify(bytes, now);
      const isOwned = (sha256: Digest) => owners.has(sha256, orderer);
      const missing = await missingAttachments(order.attachments, blobs, isOwned);
      wanted.add(missing, orderer, now, byOperator);
      return missing.map(({ sha256 }) => sha256);
    } catch (error) {
      if (error instanceof VerificationError) refusals.order(bytes, error);
      throw error;
    }
  }

  #verify(bytes: Uint8Array, now: number) {
    const { agent, orders, policy, store } = this.#options;
    const seen = (id: string) => this.#pending.has(id) || orders.has(id);
    const verified = verifyOrder(bytes, { policy: policy(), agent, now, seen });
    requireRecorded(verified.order, store);
    return verified;
  }

  async #accept(bytes: Uint8Array): Promise<Acknowledgement> {
    const { clock, scheduler, blobs, owners, requireRoom } = this.#options;
    const now = clock.now();
    const { order, orderer, digest } = this.#verify(bytes, now);
    requireRoom?.();
    if (!scheduler.hasRoomFor(orderer, bytes.length)) {
      throw new AgentError("busy", `Cannot take order ${order.id} as too many runs are waiting`);
    }
    this.#pending.add(order.id);
    try {
      await requireRepeatable(order);
      const isOwned = (sha256: Digest) => owners.has(sha256, orderer);
      if (order.attachments.length > 0) await requireAttachments(order.attachments, blobs, isOwned);
      return await this.#store({ order, orderer, digest, envelope: bytes }, now);
    } finally {
      this.#pending.delete(order.id);
    }
  }

  async #store(accepted: AcceptedOrder, now: number): Promise<Acknowledgement> {
    const { store, orders, runs, events, audit, clock, scheduler } = this.#options;
    const { order, orderer, digest, envelope } = accepted;
    const script = order.script.name;
    const stored = await store.write(() => {
      const before = orders.withIdempotencyKey(accepted);
      if (before !== undefined) {
        if (!isSameRequest(order, orders.get(before)!.envelope)) throw conflict(order, before);
        return { order: before, run: runs.ofOrder(before)!, isNew: false };
      }
      orders.insert(accepted, now);
      const run = runs.create(order.id, script, now);
      events.append(run, now, { type: "state", state: "accepted" });
      audit.append({
        event: "order_accepted",
        detail: { order: order.id, run, orderer, script, digest },
      });
      if (clock.learn(Date.parse(order.issued))) {
        setMeta(store, "clock_floor", String(clock.floor));
      }
      return { order: order.id, run, isNew: true };
    });
    if (stored.isNew) {
      scheduler.add({
        id: stored.run,
        order: order.id,
        script,
        state: "accepted",
        attempt: 1,
        first: stored.run,
        idempotent: false,
        retry: null,
        repeat: order.schedule?.repeat
          ? { ...order.schedule.repeat, from: Date.parse(order.schedule.at) }
          : null,
        startAt: order.schedule ? Date.parse(order.schedule.at) : null,
        expires: Date.parse(order.expires),
        queueKey: order.queueKey ?? null,
        bytes: envelope.length,
        orderer,
      });
    }
    return { run: stored.run, order: stored.order };
  }
}

function conflict({ id, idempotencyKey }: Order, before: string): AgentError {
  return new AgentError(
    "idempotency_conflict",
    `Cannot take order ${id} as order ${before} had its idempotency key "${idempotencyKey}" and ` +
      "asked for something else",
  );
}

/** Requires that its pattern is one, and that it is due a second time before it expires. */
async function requireRepeatable({ id, schedule, expires }: Order): Promise<void> {
  if (!schedule?.repeat) return;
  const from = Date.parse(schedule.at);
  const second = await nextOccurrence({ ...schedule.repeat, from }, from);
  if (second !== undefined && second < Date.parse(expires)) return;
  throw new VerificationError(
    "bad_schema",
    `Cannot take order ${id} as it is to repeat and expires before its second time`,
  );
}
