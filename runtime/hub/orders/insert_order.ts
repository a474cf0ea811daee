import type { KeyId } from "../../core/documents/common.ts";
import type { HubQueries } from "../database/hub_database.ts";
import { inList } from "../database/in_list.ts";
import { lockTenant } from "../database/lock_tenant.ts";
import { HubError } from "../errors.ts";
import { textOf } from "../lists/carried_documents.ts";
import { OPEN } from "./delivery_tables.ts";
import type { OrderRow } from "./read_orders.ts";

/** A document that is to be delivered, and to whom. */
export interface Part {
  readonly id: string;
  readonly envelope: Uint8Array;
  readonly agents: readonly KeyId[];
}

/** @throws {HubError} quota – the tenant has as many orders waiting as it may */
export async function requireRoom(
  tx: HubQueries,
  tenant: string,
  count: number,
  most: number,
): Promise<void> {
  // Two orders at once must not both find the last room.
  await lockTenant(tx, tenant);
  const row = await tx.get<{ open: number }>(
    `SELECT count(*) AS open FROM deliveries
     WHERE tenant = ?1 AND ${OPEN} AND state IN ('queued', 'sent')`,
    [tenant],
  );
  if (row!.open + count <= most) return;
  throw new HubError("quota", `Cannot take the order as "${tenant}" has ${row!.open} waiting`);
}

/** @throws {HubError} conflict – it was taken before */
export async function insertOrder(tx: HubQueries, tenant: string, row: OrderRow): Promise<void> {
  const { id, script, version, orderer, who, selection, created, expires, schedule, due } = row;
  const made = await tx.run(
    `INSERT INTO orders (tenant, id, script, version, orderer, who, selection, created, expires,
       schedule, due)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (tenant, id) DO NOTHING`,
    [tenant, id, script, version, orderer, who, selection, created, expires, schedule, due],
  );
  if (made === 0) throw new HubError("conflict", `Cannot take order ${id} twice`);
}

/** Places of SQL values in one statement, with room for the others. */
const AT_ONCE = 500;

/** Stores a document of an order. */
export async function insertDocument(
  tx: HubQueries,
  tenant: string,
  order: string,
  { id, envelope }: Part,
): Promise<void> {
  await tx.run("INSERT INTO order_documents VALUES (?1, ?2, ?3, ?4)", [
    tenant,
    id,
    order,
    textOf(envelope),
  ]);
}

/**
 * Stores for whom a document is.
 *
 * @param lease Until when it is left to them, as it is sent at once; `null` when it waits for them.
 */
export async function insertDeliveries(
  tx: HubQueries,
  tenant: string,
  { id: order, expires, created }: OrderRow,
  { id: document, agents }: Part,
  lease: number | null,
): Promise<void> {
  for (let i = 0; i < agents.length; i += AT_ONCE) {
    const { places, values } = inList(agents.slice(i, i + AT_ONCE), 8);
    const state = lease === null ? "queued" : "sent";
    await tx.run(
      `INSERT INTO deliveries
         (tenant, agent, document, order_id, state, lease, expires, updated, reported_run,
          reported_seq, events)
       SELECT tenant, id, CAST(?2 AS TEXT), CAST(?3 AS TEXT), CAST(?4 AS TEXT),
         CAST(?5 AS BIGINT), CAST(?6 AS BIGINT), CAST(?7 AS BIGINT), 0, 0, 0
       FROM agents WHERE tenant = ?1 AND id IN (${places})`,
      [tenant, document, order, state, lease, expires, created, ...values],
    );
  }
}
