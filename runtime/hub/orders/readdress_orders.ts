import type { KeyId } from "../../core/documents/common.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import type { Signer } from "../../core/key.ts";
import type { HubQueries } from "../database/hub_database.ts";
import { bytesOf, textOf } from "../lists/carried_documents.ts";
import { closeDeliveriesOf } from "./deliveries.ts";
import { OPEN } from "./delivery_tables.ts";
import { signPart } from "./hub_orderer.ts";

/** One machine in another's place. */
export interface Readdressing {
  readonly tenant: string;
  readonly from: KeyId;
  readonly to: KeyId;
  /** The hub's own for this tenant. */
  readonly signer: Signer;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Orders that are signed before other agents are heard. */
const SIGNED_AT_ONCE = 20;

interface Waiting {
  order: string;
  envelope: string;
  expires: number;
}

/**
 * Lets orders that the hub signed for a machine reach the one in its place: what had not arrived is
 * signed anew for it. What had arrived may have run and is not run again; what somebody else signed
 * for the old key is for them to sign anew.
 */
export async function readdressOrders(tx: HubQueries, options: Readdressing): Promise<void> {
  const { tenant, from, to, signer, now } = options;
  const waiting = await tx.all<Waiting>(
    `SELECT d.order_id AS "order", x.envelope, d.expires FROM deliveries d
     JOIN orders o ON o.tenant = d.tenant AND o.id = d.order_id
     JOIN order_documents x ON x.tenant = d.tenant AND x.id = d.document
     WHERE d.tenant = ?1 AND d.agent = ?2 AND d.${OPEN} AND d.state IN ('queued', 'sent')
       AND d.expires > ?3
       AND o.orderer = 'hub' AND o.cancelled IS NULL`,
    [tenant, from, now],
  );
  await closeDeliveriesOf(tx, tenant, from, "agent_replaced", now);
  for (const [i, { order, envelope, expires }] of waiting.entries()) {
    // There may be thousands, and the hub has others to hear.
    if (i % SIGNED_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    const { payload } = openEnvelope("order", bytesOf(envelope));
    const before = parseDocument("order", payload);
    const text = { ...before, issued: now, expires };
    const part = signPart(text, before, [to], signer);
    await tx.run("INSERT INTO order_documents VALUES (?1, ?2, ?3, ?4)", [
      tenant,
      part.id,
      order,
      textOf(part.envelope),
    ]);
    await tx.run(
      `INSERT INTO deliveries
         (tenant, agent, document, order_id, state, expires, updated, reported_run, reported_seq,
          events)
       VALUES (?1, ?2, ?3, ?4, 'queued', ?5, ?6, 0, 0, 0)`,
      [tenant, to, part.id, order, expires, now],
    );
  }
}
