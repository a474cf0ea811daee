import { printable } from "../../core/printable.ts";

/** Writes rows as columns, each as wide as its widest cell; the last column is not filled up. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  paintHead: (text: string) => string = (text) => text,
): string {
  const shown = rows.map((row) => row.map(printable));
  const widths = head.map((title, i) =>
    Math.max(title.length, ...shown.map((row) => row[i]?.length ?? 0))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd();
  return [paintHead(line(head)), ...shown.map(line)].join("\n");
}
