import type { HubDatabase } from "../database/hub_database.ts";
import { removeArtefacts } from "../artefacts/artefacts.ts";
import { pruneContent } from "../content/hub_content.ts";
import { HUB_LIMITS } from "../limits.ts";

/** Orders that go at a time, so that nothing waits long for it. */
const AT_ONCE = 20;

/**
 * Removes what is older than the hub keeps: orders, what came of them, documents, spent tokens. The audit
 * log stays.
 *
 * @returns how many orders went; call again while there are some.
 */
export async function prune(database: HubDatabase, now: number): Promise<number> {
  const before = now - HUB_LIMITS.KEPT_MS;
  const orders = await database.all<{ tenant: string; id: string }>(
    "SELECT tenant, id FROM orders WHERE expires < ?1 ORDER BY expires LIMIT ?2",
    [before, AT_ONCE],
  );
  for (const { tenant, id } of orders) {
    await database.transaction(async (tx) => {
      await removeArtefacts(tx, tenant, id);
      await tx.run("DELETE FROM content_uses WHERE tenant = ?1 AND used_by = ?2", [tenant, id]);
      for (const table of ["run_log", "deliveries", "order_documents"]) {
        await tx.run(`DELETE FROM ${table} WHERE tenant = ?1 AND order_id = ?2`, [tenant, id]);
      }
      await tx.run("DELETE FROM orders WHERE tenant = ?1 AND id = ?2", [tenant, id]);
    });
  }
  await pruneContent(database, now);
  await database.run("DELETE FROM enrol_tokens WHERE expires < ?1", [before]);
  await database.run("DELETE FROM api_tokens WHERE expires < ?1", [before]);
  await database.run("DELETE FROM script_events WHERE received < ?1", [before]);
  await database.run("DELETE FROM adverts WHERE expires < ?1", [now]);
  return orders.length;
}
