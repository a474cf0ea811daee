import { nextOccurrence } from "../../../agent/runs/next_occurrence.ts";
import { VerificationError } from "../../../core/errors.ts";
import type { HubOrder } from "../../orders/order_record.ts";

/**
 * When agents run a scheduled order next, by its id; `null` where they do not again, or where what
 * somebody signed elsewhere is no pattern.
 */
export async function nextDue(
  orders: readonly HubOrder[],
  now: number,
): Promise<Map<string, number | null>> {
  const due = new Map<string, number | null>();
  for (const order of orders) due.set(order.id, await nextOf(order, now) ?? null);
  return due;
}

async function nextOf({ schedule, expires }: HubOrder, now: number): Promise<number | undefined> {
  if (!schedule) return undefined;
  const from = Date.parse(schedule.at);
  if (from > now) return from;
  if (!schedule.repeat) return undefined;
  try {
    const next = await nextOccurrence({ ...schedule.repeat, from }, now);
    return next !== undefined && next < expires ? next : undefined;
  } catch (error) {
    if (error instanceof VerificationError) return undefined;
    throw error;
  }
}
