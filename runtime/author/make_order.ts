import type { KeyId } from "../core/documents/common.ts";
import { parseDocument } from "../core/documents/parse.ts";
import type { Attachment, Order, Repeat } from "../core/documents/order.ts";
import { openEnvelope, sealDocument } from "../core/dsse.ts";
import { instantOf } from "../core/instant.ts";
import type { Signer } from "../core/key.ts";

/** How long an order is good for, when nothing else is said. */
export const ORDER_LIFETIME_MS = 10 * 60_000;

/** What an order is to say. */
export interface OrderOptions {
  readonly fleet: string;
  /** By name and exact hash, or by name and version range. */
  readonly script: Order["script"];
  /** JSON. Default: `null`. */
  readonly input?: unknown;
  readonly attachments?: readonly Attachment[];
  /** Agents by id, or by label; never both. */
  readonly audience: { readonly agents: readonly KeyId[] } | { readonly labels: readonly string[] };
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds. Default: {@linkcode ORDER_LIFETIME_MS}. */
  readonly lifetimeMs?: number;
  /** Not before this time, milliseconds since the epoch. */
  readonly at?: number;
  /** Due again from then on, or from now on. */
  readonly repeat?: Repeat;
  readonly idempotencyKey?: string;
  readonly queueKey?: string;
  /** Default: a new random one. */
  readonly id?: string;
}

/** An order, and its envelope as agents take it. */
export interface SignedOrder {
  readonly order: Order;
  readonly envelope: Uint8Array;
}

/**
 * Makes and signs an order.
 *
 * @throws {VerificationError} bad_schema, too_large – when no agent would take it
 */
export function makeOrder(options: OrderOptions, signers: readonly Signer[]): SignedOrder {
  const { fleet, script, input = null, attachments = [], audience, now, at, repeat } = options;
  const { lifetimeMs = ORDER_LIFETIME_MS, idempotencyKey, queueKey } = options;
  const start = Math.max(now, at ?? now);
  const envelope = sealDocument("order", {
    id: options.id ?? crypto.randomUUID(),
    fleet,
    script,
    input,
    attachments,
    audience,
    issued: instantOf(now),
    expires: instantOf(start + Math.max(lifetimeMs, 1_000)),
    ...((at !== undefined || repeat) && {
      schedule: { at: instantOf(at ?? now), ...(repeat && { repeat }) },
    }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(queueKey !== undefined && { queueKey }),
  }, signers);
  return { order: parseDocument("order", openEnvelope("order", envelope).payload), envelope };
}
