import { VerificationError } from "../errors.ts";
import { LIMITS } from "../limits.ts";

/**
 * The time to judge by: never earlier than the newest instant that was ever verified, so that a
 * clock set back does not bring an expired document to life.
 *
 * @param localNow The local clock, milliseconds since the epoch.
 * @param highestIssued The highest `issued` of any document that was verified, in the same unit;
 * 0 when there was none.
 * @returns Milliseconds since the epoch, to be taken once and passed to every check.
 * @throws {RangeError} – when either is not a finite number
 */
export function flooredNow(localNow: number, highestIssued: number): number {
  const now = Math.max(localNow, highestIssued);
  if (!Number.isFinite(now)) throw new RangeError(`Cannot tell the time: ${now}`);
  return now;
}

/** What a document says of its own time. */
interface Dated {
  readonly issued: string;
  readonly expires: string;
}

/**
 * Refuses a document outside its time. The comparisons are written so that a `now` that is not a
 * number refuses too.
 *
 * @throws {VerificationError} bad_schema – when it expires before it was issued
 * @throws {VerificationError} not_yet_valid – when issued later than `now` plus the allowed skew
 * @throws {VerificationError} expired – from the instant `expires` on
 */
export function requireInTime(document: Dated, what: string, now: number): void {
  const issued = Date.parse(document.issued);
  const expires = Date.parse(document.expires);
  if (!(issued < expires)) {
    throw new VerificationError(
      "bad_schema",
      `Cannot read ${what} as it expires before it is issued: ${document.expires}`,
    );
  }
  if (!(issued <= now + LIMITS.CLOCK_SKEW_MS)) {
    throw new VerificationError(
      "not_yet_valid",
      `Cannot use ${what} as it is issued in the future: ${document.issued}`,
    );
  }
  requireNotExpired(expires, what, now);
}

/** The last part of {@linkcode requireInTime}, for what has no `issued`. */
export function requireNotExpired(expires: number, what: string, now: number): void {
  if (now < expires) return;
  const at = Number.isFinite(expires) ? new Date(expires).toISOString() : String(expires);
  throw new VerificationError("expired", `Cannot use ${what} as it has expired: ${at}`);
}
