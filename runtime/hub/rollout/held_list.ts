import type { Digest, KeyId } from "../../core/documents/common.ts";
import type { HubQueries } from "../database/hub_database.ts";
import { reachedAgents } from "./reached_agents.ts";

/** An accept-list that not every agent is told of yet. */
export interface HeldList {
  readonly digest: Digest;
  /** Those whose turn has come. */
  readonly reached: ReadonlySet<KeyId>;
}

/**
 * The list that a rollout holds back; `undefined` when every agent may have the newest one. A
 * rollout that was halted holds it back for as long as it is the newest.
 */
export async function heldList(from: HubQueries, tenant: string): Promise<HeldList | undefined> {
  const held = await from.get<{ id: string; digest: Digest }>(
    `SELECT id, list_digest AS digest FROM rollouts
     WHERE tenant = ?1 AND list_digest IS NOT NULL AND state <> 'done'
     ORDER BY created DESC, id DESC LIMIT 1`,
    [tenant],
  );
  if (!held) return undefined;
  return { digest: held.digest, reached: new Set(await reachedAgents(from, tenant, held.id)) };
}
