import type { KeyId } from "../../core/documents/common.ts";
import type { HubQueries, SqlValue } from "../database/hub_database.ts";
import { inList } from "../database/in_list.ts";
import { notFound } from "../errors.ts";
import type { Selection } from "./order_record.ts";

/** Ids asked for in one question. */
const AT_ONCE = 500;

/**
 * The approved agents of a selection, by id.
 *
 * @param byList Whether only labels of the signed list count, as they do for agents.
 * @throws {HubError} not_found – an agent that is named is not there, or not approved
 */
export async function selectAgents(
  from: HubQueries,
  tenant: string,
  selection: Selection,
  byList: boolean,
): Promise<KeyId[]> {
  if (selection === "all") {
    return await ids(from, "tenant = ?1", [tenant]);
  }
  if ("labels" in selection) {
    const { places, values } = inList(selection.labels, 2);
    const whose = byList ? "AND by_whom = 'list'" : "";
    return await ids(
      from,
      `tenant = ?1 AND id IN (SELECT agent FROM agent_labels
         WHERE tenant = ?1 AND label IN (${places}) ${whose})`,
      [tenant, ...values],
    );
  }
  const wanted = [...new Set(selection.agents)];
  const found = new Set<string>();
  for (let i = 0; i < wanted.length; i += AT_ONCE) {
    const some = wanted.slice(i, i + AT_ONCE);
    const { places, values } = inList(some, 2);
    const where = `tenant = ?1 AND id IN (${places})`;
    for (const id of await ids(from, where, [tenant, ...values])) found.add(id);
  }
  const missing = wanted.find((id) => !found.has(id));
  if (missing !== undefined) throw notFound("an approved agent", missing);
  return wanted;
}

async function ids(from: HubQueries, where: string, values: SqlValue[]): Promise<KeyId[]> {
  const rows = await from.all<{ id: KeyId }>(
    `SELECT id FROM agents WHERE ${where} AND standing = 'approved' ORDER BY id`,
    values,
  );
  return rows.map(({ id }) => id);
}
