/**
 * `deno task bench:hub [--agents N] [--rows N] [--database URL] [--json]`: many simulated agents at
 * one hub, with the protocol that real ones speak: its memory for each, an order to all of them,
 * the hub started again, and its pages with many runs of the past.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { TemporaryDir } from "../../temporary_dir.ts";
import { median } from "../statistics.ts";
import { AgentsProcess, HubProcess } from "./processes.ts";
import { LIMITS, type Row, tableOf } from "./report.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    agents: { type: "string", default: "10000" },
    rows: { type: "string", default: "1000000" },
    database: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const agents = Number(values.agents);
const PROCESSES = 3;
/** Of which the medians count: the machine is as noisy as any. */
const ORDERS = 5;

/** When an order was there, in milliseconds since it was given. */
interface Ordered {
  /** At half of the agents. */
  readonly half: number;
  readonly last: number;
  /** When all agents had said that it was over. */
  readonly all: number;
}

using folder = new TemporaryDir();
let hub = await HubProcess.start(`${folder.path}/hub`, 0, values.database);
const processes: AgentsProcess[] = [];
for (let i = 0; i < PROCESSES; i++) {
  processes.push(await AgentsProcess.start(Math.ceil((agents - i) / PROCESSES)));
}
for (const { keys } of processes) await hub.enrol(keys);
const rows: Row[] = [];
/** Keeps a row, and shows it at once to whoever waits. */
const push = (...row: Row) => {
  rows.push(row);
  Deno.stderr.writeSync(new TextEncoder().encode(tableOf([row]) + "\n"));
};
try {
  const empty = await hub.memory();
  const begun = performance.now();
  for (const process of processes) await process.begin(hub);
  await allConnected();
  push("connect all for the first time", seconds(performance.now() - begun), "s", null);
  await hub.online(agents);
  const full = await hub.memory();
  const each = (full.rss - empty.rss) / agents / 1000;
  push("memory of the hub for each agent", each, "kB", LIMITS.MEMORY_KB);
  push("of which objects", (full.heap - empty.heap) / agents / 1000, "kB", null);
  pushOrder("a hub's first order to all", await order());
  await orderAll("an order to all");
  await hub.overview(push, "overview");
  await restart();
  // Nothing of the hub's is compiled yet.
  pushOrder("its first order after that", await order());
  if (Number(values.rows) > 0) {
    await hub.addRows(Number(values.rows));
    await orderAll(`an order, with ${values.rows} runs of the past`);
    await hub.overview(push, `overview, with ${values.rows} runs of the past`);
  }
} finally {
  for (const process of processes) process.end();
  hub.end();
}
const text = values.json
  ? JSON.stringify(rows.map(([name, value, unit, limit]) => ({ name, value, unit, limit })))
  : tableOf(rows);
Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
Deno.exit(rows.every(([, value, , limit]) => limit === null || value <= limit) ? 0 : 1);

async function allConnected(): Promise<void> {
  for (;;) {
    const counts = await Promise.all(processes.map((process) => process.counts()));
    if (counts.reduce((sum, { connected }) => sum + connected, 0) >= agents) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Medians of several orders, one after the other. */
async function orderAll(name: string): Promise<void> {
  const orders: Ordered[] = [];
  for (let i = 0; i < ORDERS; i++) orders.push(await order());
  pushOrder(name, {
    half: median(orders.map(({ half }) => half)),
    last: median(orders.map(({ last }) => last)),
    all: median(orders.map(({ all }) => all)),
  });
}

function pushOrder(name: string, { half, last, all }: Ordered): void {
  push(`${name}: delivered, half of them`, seconds(half), "s", LIMITS.DELIVERED_P50_S);
  push(`${name}: delivered, the last one`, seconds(last), "s", null);
  push(`${name}: acknowledged by all`, seconds(all), "s", LIMITS.ACKNOWLEDGED_S);
}

/** Orders all agents something, and waits until all have said that it is over. */
async function order(): Promise<Ordered> {
  for (const process of processes) await process.counts();
  const sent = Date.now();
  const id = await hub.order();
  await hub.ended(id, agents);
  const all = Date.now() - sent;
  const counts = await Promise.all(processes.map((process) => process.counts()));
  const arrived = counts.flatMap((one) => one.arrived).map((at) => at - sent).sort((a, b) => a - b);
  if (arrived.length !== agents) throw new Error(`${arrived.length} orders came, not ${agents}`);
  return { half: arrived[arrived.length >> 1]!, last: arrived.at(-1)!, all };
}

/** As `kill -9` and a new start. */
async function restart(): Promise<void> {
  for (const process of processes) await process.counts();
  const { port } = hub;
  hub.end();
  await hub.gone;
  hub = await HubProcess.start(`${folder.path}/hub`, port, values.database);
  const begun = performance.now();
  await hub.online(agents);
  const took = seconds(performance.now() - begun);
  push("all online again after a restart", took, "s", LIMITS.PRESENCE_S);
  const counts = await Promise.all(processes.map((process) => process.counts()));
  const perSecond = new Map<string, number>();
  for (const one of counts) {
    for (const [second, count] of Object.entries(one.perSecond)) {
      perSecond.set(second, (perSecond.get(second) ?? 0) + count);
    }
  }
  const most = Math.max(...perSecond.values());
  push("connections in the busiest second", most, "", LIMITS.CONNECTIONS_PER_SECOND);
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
