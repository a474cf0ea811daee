import { nextOccurrence } from "../../agent/runs/next_occurrence.ts";
import type { Order } from "../../core/documents/order.ts";
import { VerificationError } from "../../core/errors.ts";
import { ifThereIsRoom } from "../database/database_failure.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import type { OrderRow } from "./read_orders.ts";

/**
 * When agents run a scheduled order next; `null` where they do not again, or where what somebody
 * signed elsewhere is no pattern.
 */
export async function nextDue(
  { schedule, expires }: { schedule: Order["schedule"] | null; expires: number },
  now: number,
): Promise<number | null> {
  if (!schedule) return null;
  const from = Date.parse(schedule.at);
  if (from > now) return from;
  if (!schedule.repeat) return null;
  try {
    const next = await nextOccurrence({ ...schedule.repeat, from }, now);
    return next !== undefined && next < expires ? next : null;
  } catch (error) {
    if (error instanceof VerificationError) return null;
    throw error;
  }
}

/**
 * Orders with when they are due next. To look for it takes tens of milliseconds where it is far, or
 * never: it is looked for when that time has come, and not whenever somebody reads of it.
 */
export async function dueAgain(
  database: HubDatabase,
  tenant: string,
  rows: readonly OrderRow[],
  now: number,
): Promise<OrderRow[]> {
  return await Promise.all(rows.map(async (row) => {
    if (row.cancelled !== null) return { ...row, due: null };
    if (row.due === null || row.due > now) return row;
    const schedule = row.schedule === null ? null : JSON.parse(row.schedule);
    const due = await nextDue({ schedule, expires: row.expires }, now);
    const sql = "UPDATE orders SET due = ?3 WHERE tenant = ?1 AND id = ?2 AND due = ?4";
    await ifThereIsRoom(database.run(sql, [tenant, row.id, due, row.due]));
    return { ...row, due };
  }));
}
