import type { KeyId } from "../../core/documents/common.ts";
import type { HubQueries } from "../database/hub_database.ts";

/**
 * The approved agents that a rollout has reached, by id.
 *
 * @param column What of their ring says so: lists and releases are told of as it starts, a script
 *   once it is ordered.
 */
export async function reachedAgents(
  from: HubQueries,
  tenant: string,
  rollout: string,
  column: "started" | "order_id" = "started",
): Promise<KeyId[]> {
  const rows = await from.all<{ agent: KeyId }>(
    `SELECT agent FROM rollout_agents JOIN rollout_rings
       ON rollout_rings.tenant = rollout_agents.tenant
       AND rollout_rings.rollout = rollout_agents.rollout
       AND rollout_rings.ring = rollout_agents.ring
     JOIN agents ON agents.tenant = rollout_agents.tenant AND agents.id = rollout_agents.agent
     WHERE rollout_agents.tenant = ?1 AND rollout_agents.rollout = ?2 AND ${column} IS NOT NULL
       AND standing = 'approved'
     ORDER BY agent`,
    [tenant, rollout],
  );
  return rows.map(({ agent }) => agent);
}
