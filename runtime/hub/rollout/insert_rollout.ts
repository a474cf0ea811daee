import type { HubQueries } from "../database/hub_database.ts";
import { insertRows } from "../database/insert_rows.ts";
import { HubError } from "../errors.ts";
import { selectAgents } from "../orders/select_agents.ts";
import type { Gate } from "./gate.ts";
import { type FilledRing, fillRings, requireRings, type Ring } from "./rings.ts";
import type { RolloutSubject } from "./rollout_record.ts";

/** What a new rollout is to be. */
export interface NewRollout {
  readonly id: string;
  readonly subject: RolloutSubject;
  readonly rings: readonly Ring[];
  readonly gate: Gate;
  readonly who: string;
  readonly now: number;
}

/**
 * Stores a rollout that has not begun, with each approved agent in its ring.
 *
 * @returns its rings.
 * @throws {HubError} bad_request – there is no approved agent; as `requireRings()`
 */
export async function insertRollout(
  tx: HubQueries,
  tenant: string,
  { id, subject, rings, gate, who, now }: NewRollout,
): Promise<FilledRing[]> {
  const agents = await selectAgents(tx, tenant, "all", false);
  const labels = await labelsIn(tx, tenant);
  requireRings(rings, new Set([...labels.values()].flatMap((one) => [...one])));
  const filled = fillRings(rings, agents, (agent) => labels.get(agent) ?? new Set());
  if (filled.length === 0) {
    throw new HubError("bad_request", "Cannot roll anything out as there is no approved agent");
  }
  const held = subject.kind === "list" ? subject.digest : null;
  const offered = subject.kind === "release" ? subject.number : null;
  await tx.run(
    `INSERT INTO rollouts
       (tenant, id, subject, list_digest, release_number, gate, state, who, created, updated)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'running', ?7, ?8, ?8)`,
    [tenant, id, JSON.stringify(subject), held, offered, JSON.stringify(gate), who, now],
  );
  for (const [ring, { name, agents }] of filled.entries()) {
    await tx.run(
      "INSERT INTO rollout_rings (tenant, rollout, ring, name, size) VALUES (?1, ?2, ?3, ?4, ?5)",
      [tenant, id, ring, name, agents.length],
    );
    await insertRows(
      tx,
      "rollout_agents",
      agents.map((agent) => [tenant, id, agent, ring, null]),
    );
  }
  return filled;
}

async function labelsIn(tx: HubQueries, tenant: string): Promise<Map<string, Set<string>>> {
  const rows = await tx.all<{ agent: string; label: string }>(
    "SELECT agent, label FROM agent_labels WHERE tenant = ?1",
    [tenant],
  );
  const labels = new Map<string, Set<string>>();
  for (const { agent, label } of rows) {
    labels.set(agent, (labels.get(agent) ?? new Set()).add(label));
  }
  return labels;
}
