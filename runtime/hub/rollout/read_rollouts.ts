import type { HubQueries } from "../database/hub_database.ts";
import { notFound } from "../errors.ts";
import { badReasons, healthOf, healthOfOrder } from "./ring_health.ts";
import { ringRows } from "./ring_rows.ts";
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
  readonly backOrder: string | null;
}

export const ROLLOUT_COLUMNS = `id, subject, gate, state, reason, who, created, updated,
  back_order AS "backOrder"`;

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

/** A rollout with how each of its rings does. */
export async function withRings(
  from: HubQueries,
  tenant: string,
  row: RolloutRow,
): Promise<Rollout> {
  const { backOrder, ...rest } = row;
  const subject: RolloutSubject = JSON.parse(row.subject);
  const rings: RingStatus[] = [];
  for (const ring of await ringRows(from, tenant, row.id)) {
    const { size, good, bad } = await healthOf(from, tenant, row.id, subject, ring);
    const { name, started, passed, order } = ring;
    const reasons = bad === 0 ? [] : await badReasons(from, tenant, row.id, subject, ring);
    const waiting = size - good - bad;
    rings.push({ name, size, good, bad, waiting, reasons, started, passed, order });
  }
  const back = backOrder === null
    ? null
    : { order: backOrder, ...await healthOfOrder(from, tenant, backOrder) };
  return { ...rest, subject, gate: JSON.parse(row.gate), rings, back };
}
