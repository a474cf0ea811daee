import type { RunTable, UnfinishedRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { afterRun } from "./after_run.ts";
import { interrupted } from "./run_executor.ts";
import type { RunRecorder } from "./run_recorder.ts";

/**
 * Picks up where the last agent of this state directory ended, however it ended: what waited waits
 * on; what had begun is `interrupted`, and begun anew only if its manifest says that doing it twice
 * does no harm. The next run of an order that repeats is stored with the end of the last.
 *
 * @param now Milliseconds since the epoch.
 * @returns the runs that wait, in the sequence of their turns.
 */
export async function recoverRuns(
  store: Store,
  runs: RunTable,
  recorder: RunRecorder,
  now: number,
): Promise<UnfinishedRun[]> {
  const outcome = interrupted("the agent ended while it ran");
  const begun = runs.unfinished().filter(({ state }) => state === "running");
  const ends = await Promise.all(
    begun.map(async (run) => [run, await afterRun(run, outcome, now)] as const),
  );
  return await store.write(() => {
    for (const [run, after] of ends) recorder.endNow(run, outcome, null, after);
    return runs.unfinished();
  });
}
