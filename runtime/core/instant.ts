/**
 * A time as documents carry it: RFC 3339 in UTC with whole seconds, the only form they may have.
 *
 * @param ms Milliseconds since the epoch; the part of a second is cut off.
 * @throws {RangeError} – when it is outside of what a date can be
 * @see RFC 3339, "Internet Date/Time Format"
 * @example
 * ```ts
 * import { instantOf } from "./instant.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(instantOf(1_999), "1970-01-01T00:00:01Z");
 * ```
 */
export function instantOf(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/** As {@linkcode instantOf}, of a number that somebody else gave: what is no time is said to be none. */
export function momentOf(ms: number): string {
  return Number.isNaN(new Date(ms).getTime()) ? "at no time" : instantOf(ms);
}
