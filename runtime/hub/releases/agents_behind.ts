import type { KeyId } from "../../core/documents/common.ts";
import type { HubQueries } from "../database/hub_database.ts";
import { limitOf, type Page, pageOf, type PageOptions } from "../page.ts";

/** An agent that is not what the newest release says. */
export interface AgentBehind {
  readonly id: KeyId;
  readonly name: string;
  readonly version: string | null;
  readonly deno: string | null;
  /** Of the release's rollout; none when the agent was approved after it began. */
  readonly ring: string | null;
  /** Whether the ring has begun. */
  readonly isOffered: boolean;
  /** Why it did not become the release. */
  readonly failed: string | null;
  readonly lastSeen: number | null;
}

/** What an agent should be, and by which rollout. */
export interface WantedProgram {
  readonly version: string;
  readonly deno: string;
  readonly rollout: string;
}

/** Approved agents that say they are something else, or nothing, by id. */
export async function agentsBehind(
  from: HubQueries,
  tenant: string,
  { version, deno, rollout }: WantedProgram,
  query: PageOptions,
): Promise<Page<AgentBehind>> {
  const limit = limitOf(query);
  const rows = await from.all<Omit<AgentBehind, "isOffered"> & { started: number | null }>(
    `SELECT agents.id, agents.name, version, deno, rings.name AS ring, failed, started,
       last_seen AS "lastSeen"
     FROM agents
     LEFT JOIN rollout_agents AS members ON members.tenant = agents.tenant
       AND members.agent = agents.id AND members.rollout = ?4
     LEFT JOIN rollout_rings AS rings ON rings.tenant = members.tenant
       AND rings.rollout = members.rollout AND rings.ring = members.ring
     WHERE agents.tenant = ?1 AND standing = 'approved' AND agents.id > ?5
       AND NOT (coalesce(version, '') = ?2 AND coalesce(deno, ?3) = ?3)
     ORDER BY agents.id LIMIT ?6`,
    [tenant, version, deno, rollout, query.after ?? "", limit + 1],
  );
  const page = pageOf(rows, limit, ({ id }) => id);
  return {
    next: page.next,
    items: page.items.map(({ started, ...row }) => ({ ...row, isOffered: started !== null })),
  };
}
