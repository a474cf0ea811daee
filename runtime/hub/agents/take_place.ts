import type { KeyId } from "../../core/documents/common.ts";
import type { HubQueries } from "../database/hub_database.ts";

/**
 * Lets a machine that was made anew take the place of what it was: name and labels at the hub. The
 * old key counts for nothing here from then on.
 */
export async function takePlace(
  tx: HubQueries,
  tenant: string,
  old: KeyId,
  id: KeyId,
): Promise<void> {
  await tx.run(
    `UPDATE agents SET name = (SELECT name FROM agents WHERE tenant = ?1 AND id = ?2)
     WHERE tenant = ?1 AND id = ?3`,
    [tenant, old, id],
  );
  await tx.run(
    `INSERT INTO agent_labels SELECT tenant, ?3, label, 'hub' FROM agent_labels
     WHERE tenant = ?1 AND agent = ?2 AND by_whom = 'hub'
     ON CONFLICT (tenant, agent, label, by_whom) DO NOTHING`,
    [tenant, old, id],
  );
  await tx.run(
    `UPDATE agents SET standing = 'revoked', revoked_for = 'another took its place',
       replaced_by = ?3 WHERE tenant = ?1 AND id = ?2`,
    [tenant, old, id],
  );
}
