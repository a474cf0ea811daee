/**
 * What a spreadsheet takes for a formula where a cell begins, and then does what it says. Some part
 * cells at semicolons or tabs, whatever the quotes say, and some read wide signs as others.
 */
const FORMULA = /(^|[;\t\r\n])(\s*)(?=[=+\-@|%＝＋－＠])/g;

/**
 * One line of CSV. Cells that a spreadsheet would take for a formula get an apostrophe in front of
 * it, so that they stay text.
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
  const harmless = text.replaceAll(FORMULA, "$1$2'");
  return `"${harmless.replaceAll('"', '""')}"`;
}
