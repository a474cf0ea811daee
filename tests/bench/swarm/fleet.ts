/**
 * `deno task bench:fleet [--sizes 50,200] [--seconds N] [--json]`: how soon any agent finds any other
 * over signed HTTP, and what each sends and gets in quiet times, in real time.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { GOSSIP_MS } from "../../../runtime/peer/membership/mod.ts";
import { LightFleet } from "../../agent/light/light_fleet.ts";

/** Agents that look for one that they do not know. */
const LOOKED_FOR = 50;
/** Rounds of gossip until a new fleet is quiet. */
const SETTLING = 10;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    sizes: { type: "string", default: "50,200" },
    seconds: { type: "string", default: "60" },
    json: { type: "boolean", default: false },
  },
});
const reports = [];
for (const size of values.sizes.split(",").map(Number)) reports.push(await measure(size));
const [smallest, largest] = [reports[0]!, reports.at(-1)!];
const growth = largest.bytesPerSecond / smallest.bytesPerSecond;
const lines = reports.map((report) =>
  `${report.agents} agents: each sends and gets ${
    report.bytesPerSecond.toFixed(0)
  } bytes a second ` +
  `(at most 1000) and knows ${report.knows} others at most; ${report.found} of ${report.asked} ` +
  `found, the slowest in ${(report.slowestMs / 1000).toFixed(2)} s (at most 10)`
);
lines.push(
  `${largest.agents} agents cost each ${growth.toFixed(2)} times what ${smallest.agents} do`,
);
const text = values.json ? JSON.stringify({ reports, growth }) : lines.join("\n");
Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
const met = reports.every((report) =>
  report.bytesPerSecond <= 1_000 && report.found === report.asked && report.slowestMs <= 10_000
);
Deno.exit(met && growth <= 1.1 ? 0 : 1);

async function measure(size: number) {
  await using fleet = new LightFleet(size);
  // One process has to play all of them: at their own pace they would all begin at once.
  for (let round = 0; round < SETTLING; round++) await fleet.round();
  // Nor do real agents gossip all at the same moment.
  const begun = fleet.agents.map(async ({ network }) => {
    await pause(Math.random() * GOSSIP_MS / 1000);
    network.begin();
  });
  await Promise.all(begun);
  await pause(GOSSIP_MS / 1000);
  const before = fleet.traffic;
  await pause(Number(values.seconds));
  const bytes = fleet.traffic.reduce((sum, now, i) => sum + now - before[i]!, 0);
  const found = await fleet.find(LOOKED_FOR);
  const bytesPerSecond = bytes / size / Number(values.seconds);
  return { agents: size, bytesPerSecond, knows: fleet.largestView, ...found };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
