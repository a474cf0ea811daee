/**
 * `deno task bench:swarm [--agents N] [--bytes N] [--json]`: one blob for many agents, beside aria2
 * doing the same by BitTorrent.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { swarmOfAgents } from "./swarm_agents.ts";
import { swarmOfAria2 } from "./swarm_aria2.ts";

/** Times that each is measured, in turns. */
const ROUNDS = 3;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    agents: { type: "string", default: "20" },
    bytes: { type: "string", default: "64000000" },
    json: { type: "boolean", default: false },
  },
});
const [agents, bytes] = [Number(values.agents), Number(values.bytes)];
const ours = [];
const theirs = [];
for (let round = 0; round < ROUNDS; round++) {
  theirs.push((await swarmOfAria2(agents, bytes)).seconds);
  ours.push(await swarmOfAgents(agents, bytes));
}
const report = {
  agents,
  bytes,
  seconds: median(ours.map(({ seconds }) => seconds)),
  aria2Seconds: median(theirs),
  sourceShare: median(ours.map(({ sourceShare }) => sourceShare)),
  cpuSeconds: median(ours.map(({ cpuSeconds }) => cpuSeconds)),
  peakBytes: Math.max(...ours.map(({ peakBytes }) => peakBytes)),
  identical: ours.every(({ identical }) => identical),
};
const ratio = report.seconds / report.aria2Seconds;
const text = values.json ? JSON.stringify({ ...report, ratio }) : [
  `${agents} agents got ${(bytes / 1e6).toFixed(0)} MB in ${report.seconds.toFixed(1)} s, ` +
  `${ratio.toFixed(2)} times aria2's ${report.aria2Seconds.toFixed(1)} s (at most 1.5)`,
  `the agents took ${report.cpuSeconds.toFixed(1)} s of processor time`,
  `the source gave ${report.sourceShare.toFixed(2)} times the blob (at most 1.3)`,
  `the largest agent had ${(report.peakBytes / 1e6).toFixed(0)} MB (at most 200)`,
  `every copy is the same: ${report.identical ? "yes" : "no"}`,
].join("\n");
Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
const met = ratio <= 1.5 && report.sourceShare <= 1.3 && report.peakBytes <= 200e6;
Deno.exit(met && report.identical ? 0 : 1);

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
