import { type IppAttributes, TAG } from "../ipp/message.ts";
import { STATUS } from "../ipp/status.ts";
import { IppRefusal } from "./refusal.ts";

/** Words that `job-hold-until` may say, besides a time of day. */
export const HOLD_WORDS = ["no-hold", "indefinite"] as const;

const DAY_MS = 86_400_000;

/**
 * What a job says about waiting. Clients put it into either group.
 *
 * @returns `undefined`: it does not wait; `until: null`: until it is released
 * @throws {IppRefusal} valuesNotSupported
 */
export function holdIn(
  groups: readonly IppAttributes[],
  now: number,
): { until: number | null } | undefined {
  const value = (name: string) => groups.map((group) => group.get(name)?.[0]).find(Boolean);
  const at = value("job-hold-until-time");
  if (at?.tag === TAG.date && at.data instanceof Uint8Array) {
    const until = instantOf(at.data);
    return until > now ? { until } : undefined;
  }
  const said = value("job-hold-until");
  if (said === undefined || said.data === "no-hold") return undefined;
  if (said.data === "indefinite") return { until: null };
  const time = typeof said.data === "string" ? TIME.exec(said.data) : null;
  if (time) return { until: nextUtc(time.slice(1).map((part) => Number(part ?? 0)), now) };
  const unsupported: IppAttributes = new Map([["job-hold-until", [said]]]);
  const found = "job-hold-until is no-hold, indefinite, or a time HH:MM (UTC)";
  throw new IppRefusal(STATUS.valuesNotSupported, found, unsupported);
}

/** As `lp -H` sends it, in UTC. */
const TIME = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;

function nextUtc([hours, minutes, seconds]: number[], now: number): number {
  const today = new Date(now).setUTCHours(hours!, minutes, seconds, 0);
  return today > now ? today : today + DAY_MS;
}

/** RFC 2579, "DateAndTime". */
function instantOf(octets: Uint8Array): number {
  const [high, low, month, day, hour, minute, second, tenth, sign, hours, minutes] = octets;
  const local = Date.UTC(high! << 8 | low!, month! - 1, day, hour, minute, second, tenth! * 100);
  const offset = (hours! * 60 + minutes!) * 60_000;
  return sign === 0x2d ? local + offset : local - offset;
}
