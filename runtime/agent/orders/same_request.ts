import { canonicalText } from "../../core/canonical_json.ts";
import type { Order } from "../../core/documents/order.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";

/**
 * Whether two orders ask for the same: script, input, documents, time and queue. Their ids, dates
 * and audience may differ, as a client that asks again signs anew.
 *
 * @param envelope Of an order that was accepted before.
 */
export function isSameRequest(order: Order, envelope: Uint8Array): boolean {
  const before = parseDocument("order", openEnvelope("order", envelope).payload);
  return requestOf(order) === requestOf(before);
}

function requestOf({ script, input, attachments, schedule, queueKey }: Order): string {
  return canonicalText([script, input, attachments, schedule ?? null, queueKey ?? null]);
}
