import { isMet, ratioOf, type Row } from "./row.ts";

const HEAD = ["", "here", "beside it", "", "ratio", "target", ""];
/** Columns of numbers. */
const RIGHT = new Set([1, 3, 4]);

/** The rows as a table for people, one line each. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, i) => Math.max(...lines.map((cells) => cells[i]!.length)));
  const pad = (cell: string, i: number) =>
    RIGHT.has(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!);
  const [head, ...body] = lines.map((cells) => cells.map(pad).join("  ").trimEnd());
  const rule = "─".repeat(Math.max(...body.map((line) => line.length)));
  const notes = rows.filter((row) => row.note).map((row) => `${row.what}: ${row.note}`);
  return [head, rule, ...body, rule, ...notes].join("\n");
}

function cellsOf(row: Row): string[] {
  const { what, value, unit, beside } = row;
  const ratio = ratioOf(row);
  const met = isMet(row);
  return [
    what,
    `${number(value)} ${unit}`,
    beside?.name ?? "",
    beside ? `${number(beside.value)} ${unit}` : "",
    ratio === undefined ? "" : ratio.toFixed(2),
    targetText(row),
    met === undefined ? "" : met ? "met" : "MISSED",
  ];
}

function targetText({ target, unit }: Row): string {
  if (!target) return "";
  const sign = target.most ? "≤" : "≥";
  const what = target.of === "ratio" ? "" : ` ${unit}`;
  const aim = target.aim === undefined ? "" : ` (aim ${target.aim})`;
  return `${sign} ${number(target.limit)}${what}${aim}`;
}

function number(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(value >= 10 ? 1 : 2).replace(/\.?0+$/, "");
}
