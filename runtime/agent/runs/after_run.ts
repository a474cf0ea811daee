import type { Outcome } from "../../core/outcome.ts";
import type { UnfinishedRun } from "../store/runs.ts";
import { nextOccurrence } from "./next_occurrence.ts";
import { retryAt } from "./retry_rule.ts";
import type { EndOptions } from "./run_recorder.ts";

/**
 * What comes after a run: another attempt; else, of an order that repeats, its next time; else
 * nothing. Who cancels a run of such an order cancels all that would follow.
 *
 * @param now Milliseconds since the epoch.
 */
export async function afterRun(
  run: UnfinishedRun,
  outcome: Outcome,
  now: number,
): Promise<Pick<EndOptions, "retryAt" | "nextAt">> {
  const again = retryAt(run, outcome, now);
  if (again !== undefined) return { retryAt: again };
  if (!run.repeat || outcome.outcome === "cancelled") return {};
  // A clock that was set back in the run does not bring its own time again.
  const next = await nextOccurrence(run.repeat, Math.max(now, run.startAt ?? now));
  return next !== undefined && next < run.expires ? { nextAt: next } : {};
}
