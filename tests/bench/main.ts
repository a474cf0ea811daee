/**
 * Measures the program and, beside it and in turns with it, what others have built for the same
 * job, so that a machine that is busy or slow is so for all.
 *
 * `deno task bench [--quick] [--json FILE]`
 *
 * @module
 */
import { parseArgs } from "node:util";
import { detectHost } from "../../runtime/sandbox/mod.ts";
import { measureAgent } from "./measure_agent.ts";
import { measureCalls } from "./measure_calls.ts";
import { measureCells } from "./measure_cells.ts";
import { measureFetch } from "./measure_fetch.ts";
import { measureHashing } from "./measure_hashing.ts";
import { measureList } from "./measure_list.ts";
import { measurePrint } from "./measure_print.ts";
import { Peers } from "./peers.ts";
import { FULL, QUICK, type Rounds } from "./rounds.ts";
import { isMet, type Row, rowJson } from "./row.ts";
import { tableOf } from "./table.ts";

const encoder = new TextEncoder();
const say = (text: string) => Deno.stderr.writeSync(encoder.encode(`${text} …\n`));
const print = (text: string) => Deno.stdout.writeSync(encoder.encode(text + "\n"));

const { values: options } = parseArgs({
  args: Deno.args,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const rows = await measure(options.quick ? QUICK : FULL);
const machine = await describeMachine();
print(tableOf(rows));
print(
  `Deno ${machine.deno}, isolation level ${machine.level}, ${machine.processors} processors, ` +
    `load ${machine.load}; medians of one run`,
);
if (options.json !== undefined) {
  const report = { machine, quick: options.quick, rows: rows.map(rowJson) };
  await Deno.writeTextFile(options.json, JSON.stringify(report, null, 2) + "\n");
}
Deno.exit(rows.some((row) => isMet(row) === false) ? 1 : 0);

async function measure(rounds: Rounds): Promise<Row[]> {
  say("Starting what is compared with");
  await using peers = await Peers.open();
  say("Measuring cells");
  const cells = await measureCells(peers, rounds);
  say("Measuring hashing");
  const hashing = await measureHashing(rounds);
  say("Measuring a large accept-list");
  const list = await measureList(rounds);
  say("Measuring signed calls");
  const calls = await measureCalls(rounds);
  say("Measuring requests to a live cell");
  const fetches = await measureFetch(rounds);
  say("Measuring printing");
  const print = await measurePrint(rounds);
  say("Measuring the agent");
  const agent = await measureAgent(rounds);
  return [...cells, ...fetches, hashing, calls, ...list, ...print, ...agent];
}

async function describeMachine() {
  const { level } = await detectHost();
  const [load = 0] = Deno.loadavg();
  const processors = navigator.hardwareConcurrency;
  return { deno: Deno.version.deno, level, processors, load: Number(load.toFixed(2)) };
}
