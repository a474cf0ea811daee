import type { KeyId } from "../../core/documents/common.ts";
import type { HubQueries } from "../database/hub_database.ts";
import type { AgentRow, Lookalike } from "./agent_record.ts";

/** Names that are looked for at a time. */
const NAMES = 100;

/**
 * In whose place machines may be that wait for approval: the one approved agent that is away and
 * has the name, or had it when it enrolled. Where several have it, it says nothing; and it proves
 * nothing, so that an admin has the last word.
 */
export async function lookalikesOf(
  from: HubQueries,
  tenant: string,
  rows: readonly Pick<AgentRow, "id" | "standing" | "replaces" | "called">[],
): Promise<Map<KeyId, Lookalike>> {
  const waiting = rows.filter(({ standing, replaces }) => {
    return standing === "pending" && replaces === null;
  });
  const found = new Map<KeyId, Lookalike>();
  for (const [called, agents] of [...Map.groupBy(waiting, (row) => row.called)].slice(0, NAMES)) {
    const [one, other] = await from.all<Lookalike>(
      `SELECT id, name, coalesce(link_since, enrolled) AS since FROM agents
       WHERE tenant = ?1 AND (called = ?2 OR named = ?2) AND standing = 'approved'
         AND link IS NULL LIMIT 2`,
      [tenant, called],
    );
    if (!one || other) continue;
    for (const { id } of agents) found.set(id, one);
  }
  return found;
}
