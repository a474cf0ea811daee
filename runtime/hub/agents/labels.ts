import type { KeyId } from "../../core/documents/common.ts";
import type { HubQueries } from "../database/hub_database.ts";
import { inList } from "../database/in_list.ts";

/** The labels of one agent, by whose word it has them. */
export interface Labels {
  readonly hub: string[];
  readonly list: string[];
}

/** The labels of some agents, in the sequence of the alphabet. */
export async function labelsOf(
  from: HubQueries,
  tenant: string,
  agents: readonly KeyId[],
): Promise<Map<KeyId, Labels>> {
  const found = new Map(agents.map((id): [KeyId, Labels] => [id, { hub: [], list: [] }]));
  if (agents.length === 0) return found;
  const { places, values } = inList(agents, 2);
  const rows = await from.all<{ agent: KeyId; label: string; byWhom: "hub" | "list" }>(
    `SELECT agent, label, by_whom AS "byWhom" FROM agent_labels
     WHERE tenant = ?1 AND agent IN (${places}) ORDER BY label`,
    [tenant, ...values],
  );
  for (const { agent, label, byWhom } of rows) found.get(agent)?.[byWhom].push(label);
  return found;
}

/** Gives an agent these labels of the hub's, and no others, with the tenant locked. */
export async function putLabels(
  tx: HubQueries,
  tenant: string,
  agent: KeyId,
  labels: readonly string[],
): Promise<void> {
  await tx.run(
    "DELETE FROM agent_labels WHERE tenant = ?1 AND agent = ?2 AND by_whom = 'hub'",
    [tenant, agent],
  );
  for (const label of labels) {
    await tx.run("INSERT INTO agent_labels VALUES (?1, ?2, ?3, 'hub')", [tenant, agent, label]);
  }
}
