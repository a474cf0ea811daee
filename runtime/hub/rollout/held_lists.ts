import type { Digest, KeyId } from "../../core/documents/common.ts";
import type { HubQueries } from "../database/hub_database.ts";
import { reachedAgents } from "./reached_agents.ts";

/** An accept-list that not every agent is told of. */
export interface HeldList {
  readonly digest: Digest;
  /** Those whose turn has come. */
  readonly reached: ReadonlySet<KeyId>;
}

/** A list, by what it is asked for with. */
export interface ListName {
  readonly epoch: number;
  readonly version: number;
  readonly digest: Digest;
}

/** Lists that agents may be told of: the newest first, down to one that all may have. */
export interface OfferedLists {
  readonly names: readonly ListName[];
  readonly held: readonly HeldList[];
}

/** What {@linkcode listFor} chooses from. A list is held back until its rollout has ended well. */
export async function offeredLists(from: HubQueries, tenant: string): Promise<OfferedLists> {
  const unfinished = await from.all<{ id: string; digest: Digest }>(
    `SELECT id, list_digest AS digest FROM rollouts
     WHERE tenant = ?1 AND list_digest IS NOT NULL AND state <> 'done'`,
    [tenant],
  );
  const newest = await from.all<ListName>(
    `SELECT epoch, version, digest FROM documents WHERE tenant = ?1 AND kind = 'acceptlist'
     ORDER BY epoch DESC, version DESC LIMIT ?2`,
    [tenant, unfinished.length + 1],
  );
  const names: ListName[] = [];
  const held: HeldList[] = [];
  for (const name of newest) {
    names.push(name);
    const rollout = unfinished.find(({ digest }) => digest === name.digest);
    if (!rollout) break;
    const reached = new Set(await reachedAgents(from, tenant, rollout.id));
    held.push({ digest: name.digest, reached });
  }
  return { names, held };
}

/** The newest list that an agent may have: none that is held back from it, nor was when it halted. */
export function listFor(agent: KeyId, { names, held }: OfferedLists): ListName | undefined {
  return names.find(({ digest }) => {
    const holding = held.find((one) => one.digest === digest);
    return holding === undefined || holding.reached.has(agent);
  });
}
