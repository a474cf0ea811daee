import type { KeyId } from "../../core/documents/common.ts";
import type { AuditEntry } from "../audit/hub_audit.ts";
import type { HubQueries } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";
import { rowOf } from "./agent_row.ts";

/** Orders that the hub signed for one agent are signed anew for the one in its place. */
export type Readdress = (
  tx: HubQueries,
  tenant: string,
  from: KeyId,
  to: KeyId,
) => Promise<void>;

/**
 * Puts an agent that waits for approval in the place of one that is approved, with the orders that
 * wait for it. The tenant is locked.
 *
 * @throws {HubError} not_found – nobody has the place
 * @throws {HubError} conflict – one of the two is not, or not any more, what it should be
 */
export async function putInPlace(
  tx: HubQueries,
  tenant: string,
  id: KeyId,
  old: KeyId,
  readdress: Readdress,
): Promise<void> {
  const { standing, replaces } = await rowOf(tx, tenant, id);
  const before = await rowOf(tx, tenant, old);
  if (standing !== "pending" || replaces !== null || before.standing !== "approved") {
    throw new HubError(
      "conflict",
      `Cannot put ${id}, which is ${standing}, in the place of ${old}, which is ${before.standing}`,
    );
  }
  await tx.run("UPDATE agents SET replaces = ?3 WHERE tenant = ?1 AND id = ?2", [tenant, id, old]);
  await takePlace(tx, tenant, old, id);
  await readdress(tx, tenant, old, id);
}

/** The row by which whoever looks for the old agent finds why it was revoked. */
export function replacedBy(who: string, old: KeyId, by: KeyId): AuditEntry {
  return { who, action: "agent_replaced", subject: old, detail: { by } };
}

/**
 * Lets a machine that was made anew take the place of what it was: name and labels at the hub. The
 * old key counts for nothing here from then on.
 */
async function takePlace(
  tx: HubQueries,
  tenant: string,
  old: KeyId,
  id: KeyId,
): Promise<void> {
  await tx.run(
    `UPDATE agents SET name = (SELECT name FROM agents WHERE tenant = ?1 AND id = ?2),
       named = (SELECT named FROM agents WHERE tenant = ?1 AND id = ?2)
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

/**
 * Makes sure that a token may give away an agent's place.
 *
 * @throws {HubError} not_found – nobody has it
 * @throws {HubError} conflict – it was revoked, waits itself, or another token gives it away
 */
export async function requireReplaceable(
  tx: HubQueries,
  tenant: string,
  id: KeyId,
  now: number,
): Promise<void> {
  const { standing } = await rowOf(tx, tenant, id);
  if (standing !== "approved") {
    throw new HubError("conflict", `Cannot give away the place of ${id} as it is ${standing}`);
  }
  const other = await tx.get<{ id: string }>(
    `SELECT id FROM enrol_tokens WHERE tenant = ?1 AND replaces = ?2 AND used_by IS NULL
       AND revoked = 0 AND ended = 0 AND expires > ?3`,
    [tenant, id, now],
  );
  if (!other) return;
  throw new HubError("conflict", `Cannot give away the place of ${id} as token ${other.id} does`);
}
