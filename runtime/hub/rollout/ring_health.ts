import type { HubQueries } from "../database/hub_database.ts";
import type { RingHealth } from "./gate.ts";
import type { RingRow } from "./ring_rows.ts";
import type { BadReason, RolloutSubject } from "./rollout_record.ts";

/** How a ring does, or did when it was judged: nobody does well or badly before it has begun. */
export async function healthOf(
  from: HubQueries,
  tenant: string,
  rollout: string,
  subject: RolloutSubject,
  ring: RingRow,
): Promise<RingHealth> {
  const { size, started } = ring;
  if (ring.good !== null && ring.bad !== null) return { size, good: ring.good, bad: ring.bad };
  if (started === null) return { size, good: 0, bad: 0 };
  const { good, bad } = subject.kind === "script"
    ? await healthOfOrder(from, tenant, ring.order ?? "")
    : subject.kind === "list"
    ? await healthUnderList(from, tenant, rollout, subject, ring)
    : await healthOfRelease(from, tenant, rollout, subject.number, ring);
  return { size, good: Math.min(good, size), bad: Math.min(bad, size) };
}

type Counts = Pick<RingHealth, "good" | "bad">;

/** By how the runs of an order ended. */
export async function healthOfOrder(
  from: HubQueries,
  tenant: string,
  order: string,
): Promise<RingHealth> {
  const row = await from.get<RingHealth>(
    `SELECT count(*) AS size,
       count(CASE WHEN state = 'ended' AND outcome_kind = 'ok' THEN 1 END) AS good,
       count(CASE WHEN state = 'refused' OR (state = 'ended' AND outcome_kind <> 'ok') THEN 1 END)
         AS bad
     FROM deliveries WHERE tenant = ?1 AND order_id = ?2`,
    [tenant, order],
  );
  return row!;
}

/**
 * By which release agents say they run, and who said that it could not become it. The number counts,
 * as two releases may well call themselves by one version.
 */
async function healthOfRelease(
  from: HubQueries,
  tenant: string,
  rollout: string,
  number: number,
  { ring }: RingRow,
): Promise<Counts> {
  const row = await from.get<Counts>(
    `SELECT count(CASE WHEN failed IS NULL AND running_release >= ?4 THEN 1 END) AS good,
       count(failed) AS bad
     FROM rollout_agents JOIN agents
       ON agents.tenant = rollout_agents.tenant AND agents.id = rollout_agents.agent
     WHERE rollout_agents.tenant = ?1 AND rollout = ?2 AND ring = ?3`,
    [tenant, rollout, ring, number],
  );
  return row!;
}

/**
 * By what ended badly on agents of the ring since it began, and who reports the list, or a later one:
 * a root of a new epoch has the versions begin anew.
 */
async function healthUnderList(
  from: HubQueries,
  tenant: string,
  rollout: string,
  { version, digest }: Extract<RolloutSubject, { kind: "list" }>,
  { ring, started }: RingRow,
): Promise<Counts> {
  const row = await from.get<Counts>(
    `SELECT count(CASE WHEN failed = 0
         AND (list_epoch > epoch OR (list_epoch = epoch AND list_version >= ?4)) THEN 1 END) AS good,
       count(CASE WHEN failed > 0 THEN 1 END) AS bad
     FROM (
       SELECT list_epoch, list_version, (
         SELECT epoch FROM documents
         WHERE tenant = ?1 AND kind = 'acceptlist' AND version = ?4 AND digest = ?6
       ) AS epoch, (
         SELECT count(*) FROM deliveries
         WHERE deliveries.tenant = ?1 AND deliveries.agent = agents.id AND deliveries.updated >= ?5
           AND (state = 'refused' OR (state = 'ended' AND outcome_kind NOT IN ('ok', 'cancelled')))
       ) AS failed
       FROM rollout_agents JOIN agents
         ON agents.tenant = rollout_agents.tenant AND agents.id = rollout_agents.agent
       WHERE rollout_agents.tenant = ?1 AND rollout = ?2 AND ring = ?3
     ) AS each_agent`,
    [tenant, rollout, ring, version, started, digest],
  );
  return row!;
}

/** Most reasons that are named. */
const REASONS = 5;

/** Why those of a ring did badly, the most frequent first. */
export async function badReasons(
  from: HubQueries,
  tenant: string,
  rollout: string,
  subject: RolloutSubject,
  ring: RingRow,
): Promise<BadReason[]> {
  const { order, started, passed } = ring;
  const most = `GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${REASONS}`;
  if (subject.kind === "release") {
    return await from.all<BadReason>(
      `SELECT failed AS code, count(*) AS count FROM rollout_agents
       WHERE tenant = ?1 AND rollout = ?2 AND ring = ?3 AND failed IS NOT NULL ${most}`,
      [tenant, rollout, ring.ring],
    );
  }
  const select = `SELECT coalesce(refusal, outcome_kind, state) AS code, count(*) AS count
     FROM deliveries WHERE deliveries.tenant = ?1
       AND (state = 'refused' OR (state = 'ended' AND outcome_kind NOT IN ('ok', 'cancelled')))`;
  if (subject.kind === "script") {
    return await from.all<BadReason>(`${select} AND order_id = ?2 ${most}`, [tenant, order ?? ""]);
  }
  return await from.all<BadReason>(
    `${select} AND updated >= ?4 AND updated <= ?5 AND agent IN (
       SELECT agent FROM rollout_agents WHERE tenant = ?1 AND rollout = ?2 AND ring = ?3) ${most}`,
    [tenant, rollout, ring.ring, started, passed ?? Number.MAX_SAFE_INTEGER],
  );
}

/** Keeps how the rings under way do, as what is judged now. */
export async function keepFigures(
  tx: HubQueries,
  tenant: string,
  rollout: string,
  subject: RolloutSubject,
  rings: readonly RingRow[],
): Promise<void> {
  for (const ring of rings) {
    if (ring.started === null) continue;
    const { good, bad } = await healthOf(tx, tenant, rollout, subject, ring);
    await tx.run(
      `UPDATE rollout_rings SET good = ?4, bad = ?5
       WHERE tenant = ?1 AND rollout = ?2 AND ring = ?3`,
      [tenant, rollout, ring.ring, good, bad],
    );
  }
}
