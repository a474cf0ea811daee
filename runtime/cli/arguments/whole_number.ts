import { CliError } from "../errors.ts";

/**
 * Reads a whole number that a user gave.
 *
 * @param what What it is for, as the message says it: an option, or "a run's number".
 * @throws {CliError} usage – when it is none, or not within the bounds
 * @example
 * ```ts
 * import { wholeNumber } from "./whole_number.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(wholeNumber("--limit", "20", { least: 1 }), 20);
 * ```
 */
export function wholeNumber(
  what: string,
  text: string,
  { least = 0, most = 1e15 - 1 }: { least?: number; most?: number } = {},
): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  const bounds = most < 1e15 - 1
    ? ` from ${least} to ${most}`
    : least > 0
    ? ` from ${least} on`
    : "";
  throw new CliError("usage", `Cannot use "${text}" as ${what} as it is no whole number${bounds}`);
}
