import { printable } from "../printable.ts";
import type { Field } from "./fields.ts";

/** What stands for a value in a line of help. */
const VALUE_WORDS = { text: "<text>", number: "<number>", json: "<json>", flag: "" } as const;

/** The fields of a script's input as lines of help; the words are its publisher's. */
export function formHelp(script: string, fields: readonly Field[]): string {
  if (fields.length === 0) {
    return `\nThe input of ${printable(script)} has no fields that are known here: use --input\n`;
  }
  const rows = fields.map((field) => [termOf(field), wordsOf(field)] as const);
  const width = Math.max(...rows.map(([term]) => term.length));
  const lines = rows.map(([term, words]) => `  ${term.padEnd(width)}  ${words}`.trimEnd());
  return `\nInput of ${printable(script)}:\n${lines.join("\n")}\n`;
}

function termOf({ option, type, list, choices }: Field): string {
  const value = choices.length > 0 ? `<${choices.join("|")}>` : VALUE_WORDS[type];
  const several = list ? "..." : "";
  return printable(`--${option}${value === "" ? "" : ` ${value}`}${several}`);
}

function wordsOf({ words, required }: Field): string {
  return printable([words, required ? "(required)" : ""].filter((part) => part !== "").join(" "));
}
