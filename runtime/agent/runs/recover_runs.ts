import type { RunTable, UnfinishedRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { interrupted, mayRepeat } from "./run_executor.ts";
import type { RunRecorder } from "./run_recorder.ts";

/**
 * Picks up where the last agent of this state directory ended, however it ended: what waited waits
 * on; what had begun is `interrupted`, and begun anew only if its manifest says that doing it twice
 * does no harm.
 *
 * @returns the runs that wait, oldest first.
 */
export function recoverRuns(
  store: Store,
  runs: RunTable,
  recorder: RunRecorder,
): Promise<UnfinishedRun[]> {
  return store.write(() => {
    for (const run of runs.unfinished()) {
      if (run.state !== "running") continue;
      const outcome = interrupted("the agent ended while it ran");
      recorder.endNow(run, outcome, null, { retry: mayRepeat(run) });
    }
    return runs.unfinished();
  });
}
