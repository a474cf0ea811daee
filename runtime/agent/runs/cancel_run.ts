import type { RunTable } from "../store/runs.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * Ends a run early, wherever it stands: before its time, in a queue, while its module is fetched,
 * while it runs, and between two attempts, where it is the next attempt that will not be.
 *
 * @returns false when it has ended, and with it the order.
 */
export async function cancelRun(
  id: number,
  scheduler: Pick<Scheduler, "cancel">,
  runs: RunTable,
): Promise<boolean> {
  if (await scheduler.cancel(id)) return true;
  const run = runs.get(id);
  const newest = run && runs.ofOrder(run.order);
  return newest !== undefined && newest !== id && await scheduler.cancel(newest);
}
