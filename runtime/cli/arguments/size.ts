import { parseQuantity } from "../../policy/units.ts";
import { CliError } from "../errors.ts";

/**
 * Reads an amount of data as policies write it: `128 MB`, `5 GB`.
 *
 * @param option The option it was given by, for the message.
 * @returns Bytes.
 * @throws {CliError} usage – when it has no unit, or is no whole number of one
 */
export function parseSize(option: string, text: string): number {
  const value = parseQuantity("size", text);
  if (typeof value === "number") return value;
  throw new CliError("usage", `Cannot use ${option} as it ${value.message}`, value.hint);
}
