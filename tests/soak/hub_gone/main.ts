/**
 * `deno task soak:hub-gone [--minutes N] [--agents N]`: agents whose hub is killed and stays away,
 * and who go on under the last list that it brought them. Exit 0 when their memory stayed flat, all
 * their runs ended well, and the hub got everything once when it was back; 1 otherwise, 2 for wrong
 * usage.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { countFrom, print } from "../../command_line.ts";
import { type GoneReport, hubGone } from "./hub_gone.ts";
import type { GoneSample } from "./machine.ts";
import { trendOf } from "./memory.ts";

const { minutes, agents } = options();
print(row(["minute", "agent", "RSS", "own", "heap", "state", "runs", "waiting", "descriptors"]));
const report = await hubGone({
  ...{ minutes, agents },
  onSample: (minute, agent, sample) => print(row(cellsOf(minute, agent, sample))),
});
print(summary(report));
Deno.exit(report.faults.length > 0 ? 1 : 0);

function summary({ runs, informs, samples, onlineMs, allToldMs, faults }: GoneReport): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const trends = samples.flatMap((of, i) =>
    (["rss", "privateDirty", "heap"] as const).flatMap((kind) => {
      const trend = trendOf(of, kind);
      if (!trend) return [];
      const { first, last, slope } = trend;
      return [
        `agent ${i + 1}   ${kind.padEnd(12)} ${megabytes(first)} in the first quarter after ten ` +
        `minutes, ${megabytes(last)} in the last; ${(slope / 1e6).toFixed(2)} MB an hour`,
      ];
    })
  );
  return [
    "",
    ...trends,
    `runs      ${runs.operator} ordered by the operator, ${runs.hub} of the order that repeats`,
    `informs   ${informs.kept} kept for the hub, ${informs.refused} refused by the agents' bound`,
    `the hub   has all agents online ${seconds(onlineMs)} after its start began, and was told ` +
    `everything after ${seconds(allToldMs)}`,
    ...faults.map((fault) => `✗ ${fault}`),
    "",
    `${faults.length} faults`,
  ].join("\n");
}

function cellsOf(minute: number, agent: number, sample: GoneSample): string[] {
  const { rss, privateDirty, heap, state, orders, waiting, descriptors } = sample;
  return [
    ...[minute, agent].map(String),
    ...[rss, privateDirty].map(megabytes),
    heap === undefined ? "-" : megabytes(heap),
    megabytes(state),
    ...[orders, waiting, descriptors].map(String),
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

function row(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(11)).join(" ");
}

function options() {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: {
        minutes: { type: "string", default: "60" },
        agents: { type: "string", default: "3" },
      },
    });
    return {
      minutes: countFrom("--minutes", values.minutes, 4),
      agents: countFrom("--agents", values.agents, 4),
    };
  } catch (error) {
    print(`soak:hub-gone: error: ${(error as Error).message}`, Deno.stderr);
    Deno.exit(2);
  }
}
