import { VerificationError } from "../../core/errors.ts";
import type { Repeat } from "../../core/documents/order.ts";
import type { Repetition } from "../store/runs.ts";

/**
 * When an order that repeats is due again: the first moment after `now`, however many went by
 * while a run lasted or the agent was off, so that what was missed is made up for once.
 *
 * @param now Milliseconds since the epoch.
 * @returns `undefined` when it never is again.
 * @throws {VerificationError} bad_schema – there is no such pattern or time zone
 */
export async function nextOccurrence(
  repeat: Repetition,
  now: number,
): Promise<number | undefined> {
  if ("everyMs" in repeat) {
    const { from, everyMs } = repeat;
    return from + (Math.floor(Math.max(0, now - from) / everyMs) + 1) * everyMs;
  }
  // Loaded with the first order that needs it.
  const { Cron } = await import("croner");
  try {
    const { cron, timezone } = repeat;
    return new Cron(cron, { timezone, mode: "5-part" }).nextRun(new Date(now))?.getTime();
  } catch (cause) {
    throw new VerificationError(
      "bad_schema",
      `Cannot repeat "${repeat.cron}" in "${repeat.timezone}" as it is no pattern or zone`,
      { cause },
    );
  }
}

/**
 * When an order that repeats is due first: when it says, else at once, or when its pattern says.
 *
 * @param times `at`, if it says one, and `now` in milliseconds since the epoch.
 * @returns `undefined` when it would expire before it is due a second time.
 * @throws {VerificationError} bad_schema – there is no such pattern or time zone
 */
export async function firstOccurrence(
  repeat: Repeat,
  { at, now, lifetimeMs }: { at: number | undefined; now: number; lifetimeMs: number },
): Promise<number | undefined> {
  const next = (from: number) => nextOccurrence({ ...repeat, from }, from);
  const first = at ?? ("cron" in repeat ? await next(now) : now);
  const second = first === undefined ? undefined : await next(first);
  const repeats = first !== undefined && second !== undefined && second < first + lifetimeMs;
  return repeats ? first : undefined;
}
