import type { KeyId } from "../../core/documents/common.ts";
import type { Order } from "../../core/documents/order.ts";
import type { Root } from "../../core/documents/root.ts";
import { messageOf } from "../../agent/errors.ts";
import { canonicalText } from "../../core/canonical_json.ts";
import type { Signer } from "../../core/key.ts";
import { HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import { type OrderText, requireReadable, signPart } from "./hub_orderer.ts";
import type { Part } from "./insert_order.ts";
import type { Selection } from "./order_record.ts";

/** What an order of the hub is made from. */
export interface OrderRequest {
  script: Order["script"];
  input?: unknown;
  select: Selection;
  /** How long it waits for machines that are off. */
  expiresMs: number;
  attachments?: Order["attachments"] | undefined;
  schedule?: Order["schedule"] | undefined;
  queueKey?: string | undefined;
  idempotencyKey?: string | undefined;
}

/**
 * What the hub signs, and for how long.
 *
 * @throws {HubError} bad_request – it would wait too long, or its input cannot be signed
 */
export function orderText(request: OrderRequest, now: number): OrderText {
  const { script, input, attachments = [], schedule, expiresMs, queueKey } = request;
  const start = schedule ? Math.max(now, Date.parse(schedule.at)) : now;
  if (!(expiresMs >= 1_000 && expiresMs <= HUB_LIMITS.ORDER_MS)) {
    throw new HubError("bad_request", "Cannot keep an order for so long, or so short a time");
  }
  requireJson(input);
  const expires = start + expiresMs;
  const rest = { queueKey, idempotencyKey: request.idempotencyKey };
  return {
    script,
    input,
    attachments,
    issued: now,
    expires,
    ...(schedule && { schedule }),
    ...rest,
  };
}

/** @throws {HubError} bad_request – it has no canonical form, for half a character in a text, say */
function requireJson(input: unknown): void {
  if (input === undefined) return;
  try {
    canonicalText(input);
  } catch (cause) {
    throw new HubError("bad_request", `Cannot order with this input: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** What of an order is told before anything else. */
export function orderHead(id: string, script: Order["script"], who: string, selection: Selection) {
  const version = "sha256" in script ? script.sha256 : script.range;
  return { id, script: script.name, version, who, selection: JSON.stringify(selection) };
}

/**
 * Documents of one order, each for as many agents as one may name.
 *
 * @throws {HubError} too_large – all together are longer than the hub keeps of one order
 */
export function partsOf(
  text: OrderText,
  root: Root,
  agents: readonly KeyId[],
  signer: Signer,
): Part[] {
  const parts: Part[] = [];
  for (let i = 0; i < agents.length; i += HUB_LIMITS.AUDIENCE) {
    const some = agents.slice(i, i + HUB_LIMITS.AUDIENCE);
    const part = signPart(text, root, some, signer);
    // The others differ in nothing but the ids of agents.
    if (i === 0) {
      requireReadable(part);
      requireShort(part.envelope.length * Math.ceil(agents.length / HUB_LIMITS.AUDIENCE));
    }
    parts.push({ ...part, agents: some });
  }
  return parts;
}

function requireShort(bytes: number): void {
  const most = HUB_LIMITS.ORDER_BYTES;
  if (bytes <= most) return;
  throw new HubError(
    "too_large",
    `Cannot order so many agents as what they are sent is ${bytes} bytes, of ${most}: ` +
      "attach a long input as a document",
  );
}
