import type { KeyId } from "../../core/documents/common.ts";
import type { HubQueries } from "../database/hub_database.ts";
import { limitOf, type Page, pageOf, type PageOptions } from "../page.ts";

/** An agent that does not run the newest release. */
export interface AgentBehind {
  readonly id: KeyId;
  readonly name: string;
  readonly version: string | null;
  readonly deno: string | null;
  /** The number of the release that it runs; `null` for what was installed. */
  readonly release: number | null;
  /** Of the release's rollout; none when the agent was approved after it began. */
  readonly ring: string | null;
  /** Whether the ring has begun. */
  readonly isOffered: boolean;
  /** Why it did not become the release. */
  readonly failed: string | null;
  readonly lastSeen: number | null;
}

/** The release that agents should run, and by which rollout. */
export interface WantedRelease {
  readonly sequence: number;
  readonly rollout: string;
}

/** Approved agents that say they run an older release, or what was installed, by id. */
export async function agentsBehind(
  from: HubQueries,
  tenant: string,
  { sequence, rollout }: WantedRelease,
  query: PageOptions,
): Promise<Page<AgentBehind>> {
  const limit = limitOf(query);
  const rows = await from.all<Omit<AgentBehind, "isOffered"> & { started: number | null }>(
    `SELECT agents.id, agents.name, version, deno, running_release AS release,
       rings.name AS ring, failed, started, last_seen AS "lastSeen"
     FROM agents
     LEFT JOIN rollout_agents AS members ON members.tenant = agents.tenant
       AND members.agent = agents.id AND members.rollout = ?3
     LEFT JOIN rollout_rings AS rings ON rings.tenant = members.tenant
       AND rings.rollout = members.rollout AND rings.ring = members.ring
     WHERE agents.tenant = ?1 AND standing = 'approved' AND agents.id > ?4
       AND coalesce(running_release, 0) < ?2
     ORDER BY agents.id LIMIT ?5`,
    [tenant, sequence, rollout, query.after ?? "", limit + 1],
  );
  const page = pageOf(rows, limit, ({ id }) => id);
  return {
    next: page.next,
    items: page.items.map(({ started, ...row }) => ({ ...row, isOffered: started !== null })),
  };
}
