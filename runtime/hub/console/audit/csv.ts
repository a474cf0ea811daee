/** A cell that begins like this is a formula to a spreadsheet, which then does what it says. */
const FORMULA = /^[=+\-@\t\r\n|%]/;

/**
 * One line of CSV. Cells that a spreadsheet would take for a formula begin with an apostrophe, so
 * that they stay text.
 *
 * @see RFC 4180, "Definition of the CSV Format"; OWASP, "CSV Injection"
 * @example
 * ```ts
 * import { csvLine } from "./csv.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(csvLine(["a", 'say "b"', "=1+1"]), `"a","say ""b""","'=1+1"\r\n`);
 * ```
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(text: string): string {
  const harmless = FORMULA.test(text.trimStart()) || FORMULA.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
