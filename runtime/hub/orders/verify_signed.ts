import type { Order } from "../../core/documents/order.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import type { Root } from "../../core/documents/root.ts";
import { openEnvelope, signedBy } from "../../core/dsse.ts";
import { VerificationError } from "../../core/errors.ts";
import { meets } from "../../core/verification/threshold.ts";
import { requireInTime } from "../../core/verification/time.ts";

/**
 * Checks what can be said of an order without asking an agent's own policy: an orderer of the root
 * signed it, for this fleet, and it is its time.
 *
 * @returns the order, and the names of the orderers who signed it.
 * @throws {VerificationError} threshold, wrong_fleet, expired, not_yet_valid
 */
export function verifySigned(
  bytes: Uint8Array,
  root: Root,
  now: number,
): { order: Order; orderers: string[] } {
  const envelope = openEnvelope("order", bytes);
  const orderers = Object.entries(root.orderers)
    .filter(([, { keys, threshold }]) => meets(signedBy(envelope, keys).size, threshold))
    .map(([name]) => name);
  if (orderers.length === 0) {
    const message = "Cannot take the order as no orderer of the root signed it, or too few keys";
    throw new VerificationError("threshold", message);
  }
  const order = parseDocument("order", envelope.payload);
  if (order.fleet !== root.fleet) {
    throw new VerificationError(
      "wrong_fleet",
      `Cannot take the order as it is not for fleet "${root.fleet}": "${order.fleet}"`,
    );
  }
  requireInTime(order, `order ${order.id}`, now);
  return { order, orderers };
}
