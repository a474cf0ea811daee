import { firstOccurrence } from "../../agent/runs/next_occurrence.ts";
import type { Repeat } from "../../core/documents/order.ts";
import { VerificationError } from "../../core/errors.ts";
import { parseDuration } from "../arguments/duration.ts";
import { CliError } from "../errors.ts";
import type { ScheduleOptions } from "./schedule_options.ts";

/** When an order is due. */
export interface OrderSchedule {
  readonly lifetimeMs: number;
  /** Milliseconds since the epoch; absent when it is due at once. */
  readonly at?: number;
  readonly repeat?: Repeat;
}

/** An agent takes no order that repeats more often. */
const SHORTEST_MS = 60_000;

/**
 * Reads `--expires`, `--at`, `--every`, `--cron` and `--timezone`. What repeats by a pattern is due
 * first when the pattern says, not at once.
 *
 * @param now Milliseconds since the epoch.
 * @param usual How long it is good for when nothing is said.
 * @throws {CliError} usage – when a time is none, two options contradict each other, or the order
 * would expire before it is due a second time
 */
export async function scheduleFrom(
  options: ScheduleOptions,
  now: number,
  usual: string,
): Promise<OrderSchedule> {
  const { expires = usual } = options;
  const lifetimeMs = parseDuration("--expires", expires);
  const at = options.at === undefined ? undefined : instantFrom(options.at);
  const repeat = repeatFrom(options);
  if (!repeat) return { lifetimeMs, ...(at !== undefined && { at }) };
  const first = await firstTime(repeat, { at, now, lifetimeMs });
  if (first === undefined) {
    throw new CliError(
      "usage",
      `Cannot repeat the order as it expires before its second time: --expires ${expires}`,
      "let it last longer, as in --expires '30 d'",
    );
  }
  return { lifetimeMs, at: first, repeat };
}

function repeatFrom({ every, cron, timezone }: ScheduleOptions): Repeat | undefined {
  if (every !== undefined && cron !== undefined) {
    throw new CliError("usage", "Cannot use --every and --cron together");
  }
  if (every === undefined) return cron === undefined ? undefined : { cron, timezone };
  const everyMs = parseDuration("--every", every);
  if (everyMs >= SHORTEST_MS) return { everyMs };
  throw new CliError("usage", `Cannot use --every as it must be at least 1 min: got "${every}"`);
}

/** When it is due first; `undefined` when it expires before its second time. */
async function firstTime(
  repeat: Repeat,
  times: Parameters<typeof firstOccurrence>[1],
): Promise<number | undefined> {
  try {
    return await firstOccurrence(repeat, times);
  } catch (cause) {
    if (!(cause instanceof VerificationError) || "everyMs" in repeat) throw cause;
    throw new CliError(
      "usage",
      `Cannot use --cron as it is no pattern of five parts, or --timezone as it is no zone: ` +
        `"${repeat.cron}", "${repeat.timezone}"`,
      "write it like --cron '0 9 * * 1-5' --timezone Europe/Berlin",
      { cause },
    );
  }
}

function instantFrom(text: string): number {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(time)) return time;
  throw new CliError(
    "usage",
    `Cannot use --at as it must be a time in UTC: got "${text}"`,
    "write it like 2026-01-31T09:00:00Z",
  );
}
