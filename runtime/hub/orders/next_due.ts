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
  if (!schedule || expires <= now) return null;
  const from = Date.parse(schedule.at);
  if (from > now) return from < expires ? from : null;
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
  const again: OrderRow[] = [];
  const storing: Promise<unknown>[] = [];
  for (const row of rows) {
    if (row.cancelled !== null) again.push({ ...row, due: null });
    else if (row.due === null || row.due > now) again.push(row);
    else {
      // Of a page of them each has its turn, between which others are heard.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const schedule = row.schedule === null ? null : JSON.parse(row.schedule);
      const due = await nextDue({ schedule, expires: row.expires }, now);
      const sql = "UPDATE orders SET due = ?3 WHERE tenant = ?1 AND id = ?2 AND due = ?4";
      storing.push(ifThereIsRoom(database.run(sql, [tenant, row.id, due, row.due])));
      again.push({ ...row, due });
    }
  }
  await Promise.all(storing);
  return again;
}
