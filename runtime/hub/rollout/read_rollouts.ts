import type { HubQueries } from "../database/hub_database.ts";
import { notFound } from "../errors.ts";
import type { RingHealth } from "./gate.ts";
import type { RingStatus, Rollout, RolloutState, RolloutSubject } from "./rollout_record.ts";

/** A row of `rollouts`. */
export interface RolloutRow {
  readonly id: string;
  readonly subject: string;
  readonly gate: string;
  readonly state: RolloutState;
  readonly reason: string | null;
  readonly who: string;
  readonly created: number;
  readonly updated: number;
}

/** A row of `rollout_rings`. */
export interface RingRow {
  readonly ring: number;
  readonly name: string;
  readonly size: number;
  readonly started: number | null;
  readonly passed: number | null;
  readonly order: string | null;
}

export const ROLLOUT_COLUMNS = "id, subject, gate, state, reason, who, created, updated";

/** @throws {HubError} not_found */
export async function rolloutRow(
  from: HubQueries,
  tenant: string,
  id: string,
): Promise<RolloutRow> {
  const row = await from.get<RolloutRow>(
    `SELECT ${ROLLOUT_COLUMNS} FROM rollouts WHERE tenant = ?1 AND id = ?2`,
    [tenant, id],
  );
  if (row) return row;
  throw notFound("a rollout", id);
}

/** The rings of a rollout, first to last. */
export async function ringRows(from: HubQueries, tenant: string, id: string): Promise<RingRow[]> {
  return await from.all<RingRow>(
    `SELECT ring, name, size, started, passed, order_id AS "order" FROM rollout_rings
     WHERE tenant = ?1 AND rollout = ?2 ORDER BY ring`,
    [tenant, id],
  );
}

/** A rollout with how each of its rings does. */
export async function withRings(
  from: HubQueries,
  tenant: string,
  row: RolloutRow,
): Promise<Rollout> {
  const subject: RolloutSubject = JSON.parse(row.subject);
  const rings: RingStatus[] = [];
  for (const ring of await ringRows(from, tenant, row.id)) {
    const { size, good, bad } = await healthOf(from, tenant, row.id, subject, ring);
    const { name, started, passed, order } = ring;
    rings.push({ name, size, good, bad, waiting: size - good - bad, started, passed, order });
  }
  return { ...row, subject, gate: JSON.parse(row.gate), rings };
}

/** How a ring does: nobody does well or badly before it has begun. */
export async function healthOf(
  from: HubQueries,
  tenant: string,
  rollout: string,
  subject: RolloutSubject,
  ring: RingRow,
): Promise<RingHealth> {
  const { size, started } = ring;
  if (started === null) return { size, good: 0, bad: 0 };
  const { good, bad } = subject.kind === "script"
    ? await healthOfOrder(from, tenant, ring.order)
    : subject.kind === "list"
    ? await healthUnderList(from, tenant, rollout, subject.version, ring)
    : await healthOfRelease(from, tenant, rollout, subject, ring);
  return { size, good: Math.min(good, size), bad: Math.min(bad, size) };
}

type Counts = Pick<RingHealth, "good" | "bad">;

/** By how the runs of the ring's order ended. */
async function healthOfOrder(
  from: HubQueries,
  tenant: string,
  order: string | null,
): Promise<Counts> {
  const row = await from.get<Counts>(
    `SELECT count(CASE WHEN state = 'ended' AND outcome_kind = 'ok' THEN 1 END) AS good,
       count(CASE WHEN state = 'refused' OR (state = 'ended' AND outcome_kind <> 'ok') THEN 1 END)
         AS bad
     FROM deliveries WHERE tenant = ?1 AND order_id = ?2`,
    [tenant, order ?? ""],
  );
  return row!;
}

/** By what agents say they are, and who said that it could not become it. */
async function healthOfRelease(
  from: HubQueries,
  tenant: string,
  rollout: string,
  { version, deno }: { version: string; deno: string },
  { ring }: RingRow,
): Promise<Counts> {
  const row = await from.get<Counts>(
    `SELECT count(CASE WHEN failed IS NULL AND version = ?4 AND coalesce(deno, ?5) = ?5 THEN 1 END)
         AS good,
       count(failed) AS bad
     FROM rollout_agents JOIN agents
       ON agents.tenant = rollout_agents.tenant AND agents.id = rollout_agents.agent
     WHERE rollout_agents.tenant = ?1 AND rollout = ?2 AND ring = ?3`,
    [tenant, rollout, ring, version, deno],
  );
  return row!;
}

/** By what ended badly on agents of the ring since it began, and who reports the list. */
async function healthUnderList(
  from: HubQueries,
  tenant: string,
  rollout: string,
  version: number,
  { ring, started }: RingRow,
): Promise<Counts> {
  const row = await from.get<Counts>(
    `SELECT count(CASE WHEN failed = 0 AND list_version >= ?4 THEN 1 END) AS good,
       count(CASE WHEN failed > 0 THEN 1 END) AS bad
     FROM (
       SELECT agents.list_version, (
         SELECT count(*) FROM deliveries
         WHERE deliveries.tenant = ?1 AND deliveries.agent = agents.id AND deliveries.updated >= ?5
           AND (state = 'refused' OR (state = 'ended' AND outcome_kind NOT IN ('ok', 'cancelled')))
       ) AS failed
       FROM rollout_agents JOIN agents
         ON agents.tenant = rollout_agents.tenant AND agents.id = rollout_agents.agent
       WHERE rollout_agents.tenant = ?1 AND rollout = ?2 AND ring = ?3
     ) AS each_agent`,
    [tenant, rollout, ring, version, started],
  );
  return row!;
}
