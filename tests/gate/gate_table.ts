import type { GateReport } from "./gate.ts";

/** A report as tables for people, with one closing line. */
export function gateTable(report: GateReport, seconds: number): string {
  const { then, now, cases, changes, benches, faults } = report;
  const attacks = changes.map(({ name, change, then, now }) => [name, then, now, change]);
  const measured = benches.map(({ what, unit, then, now, ratio, change }) => [
    what,
    `${number(then)} ${unit}`,
    `${number(now)} ${unit}`,
    ratio.toFixed(2),
    change === "same" ? "" : change,
  ]);
  const count = (change: string) => changes.filter((found) => found.change === change).length;
  const others = changes.length - count("weaker");
  const worse = benches.filter(({ change }) => change === "worse").length;
  const heads = [`Deno ${then}`, `Deno ${now}`];
  return [
    ...(attacks.length > 0 ? [tableOf(["attack", ...heads, "change"], attacks), ""] : []),
    ...(measured.length > 0 ? [tableOf(["", ...heads, "ratio", ""], measured), ""] : []),
    ...faults.map((fault) => `✗ ${fault}`),
    `Deno ${then} → ${now}: ${cases} attacks, ${count("weaker")} weaker, ${others} otherwise; ` +
    `${benches.length} benches, ${worse} worse; ${seconds} s`,
  ].join("\n");
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...lines.map((cells) => cells[i]!.length)));
  return lines.map((cells) => cells.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd())
    .join("\n");
}

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2);
}
