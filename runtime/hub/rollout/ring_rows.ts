import type { HubQueries } from "../database/hub_database.ts";

/** A row of `rollout_rings`. */
export interface RingRow {
  readonly ring: number;
  readonly name: string;
  readonly size: number;
  readonly started: number | null;
  readonly passed: number | null;
  readonly order: string | null;
  /** How many did well when the ring was judged; what they do later is no matter of the rollout. */
  readonly good: number | null;
  readonly bad: number | null;
}

/** The rings of a rollout, first to last. */
export async function ringRows(from: HubQueries, tenant: string, id: string): Promise<RingRow[]> {
  return await from.all<RingRow>(
    `SELECT ring, name, size, started, passed, order_id AS "order", good, bad FROM rollout_rings
     WHERE tenant = ?1 AND rollout = ?2 ORDER BY ring`,
    [tenant, id],
  );
}

/** Has the ring under way begin once more: what it did so far counts no longer. */
export async function beginRingAnew(tx: HubQueries, tenant: string, id: string): Promise<void> {
  const open = "tenant = ?1 AND rollout = ?2 AND passed IS NULL";
  await tx.run(
    `UPDATE rollout_agents SET failed = NULL WHERE tenant = ?1 AND rollout = ?2
       AND ring IN (SELECT ring FROM rollout_rings WHERE ${open})`,
    [tenant, id],
  );
  await tx.run(
    `UPDATE rollout_rings SET started = NULL, order_id = NULL, good = NULL, bad = NULL
     WHERE ${open}`,
    [tenant, id],
  );
}
