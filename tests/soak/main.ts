/**
 * `deno task soak [--orders N] [--seconds N] [--json]`: a real agent under a mix of good and
 * hostile orders. Exit 0 when every order ended as it must and nothing stayed behind, 1 otherwise,
 * 2 for wrong usage.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { countFrom, print } from "../command_line.ts";
import type { Sample } from "./sample.ts";
import { soak, type SoakReport } from "./soak.ts";

const { orders, seconds, json } = options();
const COLUMNS = ["orders", "RSS", "descriptors", "threads", "cells", "temp files", "state"];
if (!json) print(row(COLUMNS));
const report = await soak({
  orders,
  ...(seconds === undefined ? {} : { seconds }),
  onSample: (sample) => json || print(row(cellsOf(sample))),
});
print(json ? JSON.stringify(report) : summary(report));
Deno.exit(report.faults.length > 0 ? 1 : 0);

function summary(report: SoakReport): string {
  const { seconds, kinds, outcomes, trend, before, after, auditRows, faults } = report;
  const list = (counts: Record<string, number>) =>
    Object.entries(counts).sort(([, a], [, b]) => b - a).map(([what, n]) => `${what} ${n}`)
      .join(", ");
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  const perOrder = (after.state - before.state) / Math.max(1, after.orders - before.orders);
  return [
    "",
    `orders    ${list(kinds)}`,
    `outcomes  ${list(outcomes)}`,
    `memory    ${megabytes(trend.first)} in the first quarter, ${megabytes(trend.last)} in the ` +
    `last; ${trend.slope.toFixed(0)} kB for 1,000 orders`,
    `at rest   ${before.descriptors} descriptors and ${before.children} waiting cells before, ` +
    `${after.descriptors} and ${after.children} after`,
    `state     ${megabytes(after.state)}, ${(perOrder / 1e3).toFixed(1)} kB for each order`,
    `audit     ${auditRows.toLocaleString("en")} rows`,
    ...faults.map((fault) => `✗ ${fault}`),
    "",
    `${report.orders.toLocaleString("en")} orders, ${faults.length} faults, ` +
    `${seconds.toFixed(0)} s, ${(report.orders / seconds).toFixed(1)} orders/s`,
  ].join("\n");
}

function cellsOf(sample: Sample): string[] {
  const { orders, rss, descriptors, threads, children, temporaryFiles, state } = sample;
  return [
    orders.toLocaleString("en"),
    `${(rss / 1e6).toFixed(1)} MB`,
    ...[descriptors, threads, children, temporaryFiles].map(String),
    `${(state / 1e6).toFixed(1)} MB`,
  ];
}

function row(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(11)).join(" ");
}

function options() {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        orders: { type: "string", default: "10000" },
        seconds: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const { json, seconds } = values;
    return {
      json,
      orders: countFrom("--orders", values.orders),
      seconds: seconds === undefined ? undefined : countFrom("--seconds", seconds),
    };
  } catch (error) {
    print(`soak: error: ${(error as Error).message}`, Deno.stderr);
    Deno.exit(2);
  }
}
