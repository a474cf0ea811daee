import type { Lists } from "../lists/lists.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { lockTenant } from "../database/lock_tenant.ts";
import { HubError } from "../errors.ts";
import type { OrderRequest } from "../orders/order_request.ts";
import type { Orders } from "../orders/orders.ts";
import type { Scripts } from "../scripts/scripts.ts";
import { reachedAgents } from "./reached_agents.ts";
import { ringOrder } from "./ring_order.ts";
import type { Rollout, RolloutSubject } from "./rollout_record.ts";

/**
 * Why agents would refuse to go back to the version that a rollout names, as far as the hub can
 * tell; `null` when they would not. Agents take no older release of a script than they have seen,
 * unless the accept-list names it by its hash.
 */
export async function whyNoWayBack(
  { lists, scripts }: { lists: Lists; scripts: Scripts },
  tenant: string,
  subject: RolloutSubject,
): Promise<string | null> {
  if (subject.kind !== "script" || subject.before === null) return null;
  const { script, version, before } = subject;
  const versions = await scripts.versions(tenant, script);
  // Agents that fetch it from elsewhere are no business of the hub.
  if (versions.length === 0) return null;
  const of = (wanted: string) => versions.find((one) => one.version === wanted);
  const [from, to] = [of(version), of(before)];
  if (!to) return `${before} was not published to this hub`;
  if (from && to.sequence >= from.sequence) return null;
  const newest = await lists.newest(tenant);
  // Without one the agents work by policies of their own, which the hub does not know.
  if (!newest) return null;
  const isPinned = newest.list.accept.some((entry) =>
    entry.script === script && "sha256" in entry && entry.sha256 === to.sha256
  );
  if (isPinned) return null;
  return `agents that ran ${version} refuse the older ${before} unless the accept-list names its ` +
    `hash: { script: ${script}, sha256: "${to.sha256}" }`;
}

/**
 * What the agents that a rollout reached are ordered to go back.
 *
 * @throws {HubError} conflict – there is no version to go back to
 */
export function backOrder({ id, subject, gate }: Rollout): Omit<OrderRequest, "select"> {
  if (subject.kind !== "script") {
    throw new HubError(
      "conflict",
      "Cannot take back what agents never go back from: sign the next one as the last one was",
    );
  }
  if (subject.before === null) {
    throw new HubError("conflict", "Cannot take a rollout back that names no version before");
  }
  const order = ringOrder({ ...subject, version: subject.before }, gate);
  return { ...order, idempotencyKey: `rollout-${id}-back` };
}

/**
 * Has every agent that a rollout reached go back, if there are any.
 *
 * @throws {HubError} conflict – somebody else did at the same time
 * @throws as `Orders.create()`
 */
export async function orderBack(
  { database, orders }: { database: HubDatabase; orders: Orders },
  tenant: string,
  who: string,
  id: string,
  order: Omit<OrderRequest, "select">,
): Promise<void> {
  const agents = await reachedAgents(database, tenant, id, "order_id");
  if (agents.length === 0) return;
  const request = { ...order, select: { agents } };
  await orders.create(tenant, who, request, async (tx, made) => {
    await lockTenant(tx, tenant);
    const ordered = await tx.run(
      `UPDATE rollouts SET back_order = ?3
       WHERE tenant = ?1 AND id = ?2 AND back_order IS NULL`,
      [tenant, id, made],
    );
    if (ordered === 0) throw new HubError("conflict", "Cannot take a rollout back twice");
  });
}
