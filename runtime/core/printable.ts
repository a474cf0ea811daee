/**
 * What a terminal or a browser obeys rather than shows: control characters, lone surrogates, line
 * separators, and the invisible marks that turn the direction of text.
 */
const UNPRINTABLE = /\p{Cc}|\p{Cs}|\p{Cf}|\p{Zl}|\p{Zp}/gu;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Whether a text shows all that stands in it. */
export function isPrintable(text: string): boolean {
  return text.search(UNPRINTABLE) < 0;
}

/** Replaces each character that would be obeyed rather than shown; an empty text takes it out. */
export function replaceUnprintable(text: string, by: (character: string) => string): string {
  return text.replace(UNPRINTABLE, by);
}

/**
 * Makes text of a script, a peer or a file safe to show: what a terminal would obey is written out
 * as an escape, so that nothing can move the cursor, recolour or hide a line, or answer questions.
 *
 * @example
 * ```ts
 * import { printable } from "./printable.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(printable("red \x1b[31m\r\n"), "red \\x1b[31m\\r\\n");
 * ```
 */
export function printable(text: string): string {
  return replaceUnprintable(text, (c) => SHORT[c] ?? escapeOf(c.codePointAt(0)!));
}

/** As {@linkcode printable}, with line breaks kept and every further line indented. */
export function printableLines(text: string, indent = "  "): string {
  return text.split(/\r?\n/).map(printable).join(`\n${indent}`);
}

/**
 * A value as JSON in which nothing stands that a terminal would obey. Programs read the same value
 * from it.
 *
 * @example
 * ```ts
 * import { printableJson } from "./printable.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(printableJson("abc\u202egpj.exe"), '"abc\\u202egpj.exe"');
 * ```
 */
export function printableJson(value: unknown, indent?: number): string {
  // Every line break left is one of the indentation: those of texts are escaped already.
  const json = JSON.stringify(value, null, indent) ?? "null";
  return replaceUnprintable(json, (c) => c === "\n" ? c : jsonEscapeOf(c));
}

/** A character outside the basic plane takes two escapes. */
function jsonEscapeOf(c: string): string {
  return c.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(
    "",
  );
}

function escapeOf(code: number): string {
  const hex = code.toString(16);
  return code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`;
}
