import type { Outcome } from "../../core/outcome.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { UnfinishedRun } from "../store/runs.ts";

/** The name of an error by which a script says that it did nothing yet and may be asked again. */
const RETRYABLE_ERROR = "RetryableError";

/** Outcomes that may be others the next time; the rest would only come again. */
const PASSING: ReadonlySet<Outcome["outcome"]> = new Set([
  "script_error",
  "wall",
  "exited",
  "interrupted",
]);

/**
 * Decides whether a run that ended is tried again, and when.
 *
 * A run that may have done something is repeated only if its manifest says that doing it twice does
 * no harm. Without that word a retry is left for what certainly did nothing: no cell could be
 * started, or the script threw an error named {@linkcode RETRYABLE_ERROR}. An idempotent run that
 * the agent itself broke off is repeated even where the manifest asks for no retries.
 *
 * The delay doubles with each attempt; a random half of it keeps runs that failed together from
 * coming back together.
 *
 * @param now Milliseconds since the epoch.
 * @param random From 0 up to 1.
 * @returns the earliest time of the next attempt; `undefined` when there is none, also because the
 *   order would have expired by then.
 */
export function retryAt(
  run: Pick<UnfinishedRun, "attempt" | "idempotent" | "retry" | "expires">,
  outcome: Outcome,
  now: number,
  random: () => number = Math.random,
): number | undefined {
  const { attempt, idempotent, retry, expires } = run;
  const mayRepeat = idempotent && PASSING.has(outcome.outcome);
  if (!mayRepeat && !didNothing(outcome)) return undefined;
  const asked = Math.min(retry?.attempts ?? 1, AGENT_LIMITS.RETRY_ATTEMPTS);
  const attempts = outcome.outcome === "interrupted"
    ? Math.max(asked, AGENT_LIMITS.ATTEMPTS)
    : asked;
  if (attempt >= attempts) return undefined;
  const full = Math.min((retry?.delayMs ?? 0) * 2 ** (attempt - 1), AGENT_LIMITS.RETRY_DELAY_MS);
  const at = now + Math.ceil(full * (1 + random()) / 2);
  return at < expires ? at : undefined;
}

function didNothing(outcome: Outcome): boolean {
  if (outcome.outcome === "refused") return outcome.detail.rule === "cell_start";
  return outcome.outcome === "script_error" && outcome.detail.name === RETRYABLE_ERROR;
}
