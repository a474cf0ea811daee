import type { RunTable, UnfinishedRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { retryAt } from "./retry_rule.ts";
import { interrupted } from "./run_executor.ts";
import type { RunRecorder } from "./run_recorder.ts";

/**
 * Picks up where the last agent of this state directory ended, however it ended: what waited waits
 * on; what had begun is `interrupted`, and begun anew only if its manifest says that doing it twice
 * does no harm.
 *
 * @param now Milliseconds since the epoch.
 * @returns the runs that wait, in the sequence of their turns.
 */
export function recoverRuns(
  store: Store,
  runs: RunTable,
  recorder: RunRecorder,
  now: number,
): Promise<UnfinishedRun[]> {
  return store.write(() => {
    for (const run of runs.unfinished()) {
      if (run.state !== "running") continue;
      const outcome = interrupted("the agent ended while it ran");
      recorder.endNow(run, outcome, null, { retryAt: retryAt(run, outcome, now) });
    }
    return runs.unfinished();
  });
}
