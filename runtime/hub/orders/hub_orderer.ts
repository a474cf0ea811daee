import type { KeyId } from "../../core/documents/common.ts";
import type { Attachment, Order } from "../../core/documents/order.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import type { Root } from "../../core/documents/root.ts";
import { openEnvelope, sealDocument } from "../../core/dsse.ts";
import { instantOf } from "../../core/instant.ts";
import type { Signer } from "../../core/key.ts";
import { HubError } from "../errors.ts";

/** What an order of the hub says, besides whom it is for. */
export interface OrderText {
  readonly script: Order["script"];
  readonly input: unknown;
  readonly attachments: readonly Attachment[];
  /** Milliseconds since the epoch. */
  readonly issued: number;
  readonly expires: number;
  readonly schedule?: Order["schedule"];
  readonly queueKey?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** A document of the hub's for some agents. */
export interface SignedPart {
  readonly id: string;
  readonly envelope: Uint8Array;
}

/**
 * Signs an order for these agents. It has an id of its own, as agents take each id once.
 *
 * @throws {VerificationError} too_large – no agent would take it
 */
export function signPart(
  text: OrderText,
  { fleet }: Pick<Root, "fleet">,
  agents: readonly KeyId[],
  signer: Signer,
): SignedPart {
  const id = crypto.randomUUID();
  const { script, input, attachments, issued, expires, schedule } = text;
  const { queueKey, idempotencyKey } = text;
  const envelope = sealDocument("order", {
    id,
    fleet,
    ...{ script, input: input ?? null, attachments },
    audience: { agents },
    issued: instantOf(issued),
    expires: instantOf(expires),
    ...(schedule && { schedule }),
    ...(queueKey !== undefined && { queueKey }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  }, [signer]);
  return { id, envelope };
}

/** @throws {VerificationError} bad_schema – no agent would take the order */
export function requireReadable({ envelope }: SignedPart): void {
  parseDocument("order", openEnvelope("order", envelope).payload);
}

/**
 * That agents take orders which this key alone has signed.
 *
 * @returns the names of the orderers whose key it is.
 * @throws {HubError} no_orderer_key – the root names it under no orderer, or not by itself
 */
export function requireOrderer(root: Root, signer: Signer): string[] {
  const { publicKey } = signer;
  const entitled = Object.entries(root.orderers)
    .filter(([, { keys, threshold }]) => threshold === 1 && keys.includes(publicKey))
    .map(([name]) => name);
  if (entitled.length > 0) return entitled;
  throw new HubError(
    "no_orderer_key",
    `Cannot order as root ${root.version} does not name the hub's key as an orderer: ${publicKey}`,
  );
}
