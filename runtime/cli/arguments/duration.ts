import { parseQuantity } from "../../policy/units.ts";
import { CliError } from "../errors.ts";

/**
 * Reads a length of time as policies write it: `10 min`, `30 d`.
 *
 * @param option The option it was given by, for the message.
 * @returns Milliseconds.
 * @throws {CliError} usage – when it has no unit, or is no whole number of one
 */
export function parseDuration(option: string, text: string): number {
  const value = parseQuantity("time", text);
  if (typeof value === "number") return value;
  throw new CliError("usage", `Cannot use ${option} as it ${value.message}`, value.hint);
}
