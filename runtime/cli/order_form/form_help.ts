import { printable } from "../../core/printable.ts";
import type { Field } from "./fields.ts";

/** What stands for a value in a line of help. */
const VALUE_WORDS = { text: "<text>", number: "<number>", json: "<json>", flag: "" } as const;

/**
 * The fields of a script's input as lines of help; the words are its publisher's.
 *
 * @param own Options of the command itself, which no field of that name can be.
 */
export function formHelp(
  script: string,
  fields: readonly Field[],
  own: readonly string[] = [],
): string {
  if (fields.length === 0) {
    return `\nThe input of ${printable(script)} has no fields that are known here: use --input\n`;
  }
  const rows = fields.map((field) => [termOf(field), wordsOf(field, own)] as const);
  const width = Math.max(...rows.map(([term]) => term.length));
  const lines = rows.map(([term, words]) => `  ${term.padEnd(width)}  ${words}`.trimEnd());
  return `\nInput of ${printable(script)}:\n${lines.join("\n")}\n`;
}

function termOf({ option, type, list, choices }: Field): string {
  const value = choices.length > 0 ? `<${choices.join("|")}>` : VALUE_WORDS[type];
  const several = list ? "..." : "";
  return printable(`--${option}${value === "" ? "" : ` ${value}`}${several}`);
}

function wordsOf({ words, required, option, key }: Field, own: readonly string[]): string {
  const parts = [
    words,
    required ? "(required)" : "",
    own.includes(option) ? `(--${option} is order's own: give it as --input '{"${key}": …}')` : "",
  ];
  return printable(parts.filter((part) => part !== "").join(" "));
}
