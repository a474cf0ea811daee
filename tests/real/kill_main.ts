/** `deno task soak:print`: kills an agent under load again and again, and counts the paper. */
import { TestPrinter } from "../print/test_printer.ts";
import { killRounds } from "./kill_rounds.ts";
import { QueueAgent } from "./queue_agent.ts";

const rounds = Number(Deno.args[0] ?? 50);
await using printer = new TestPrinter();
const settings = { queues: { office: { printer: printer.uri } } };
const address = new URL(printer.uri.replace("ipp:", "http:")).host;
await using agent = await QueueAgent.start({ printers: [address], settings });
const { left, ...tally } = await killRounds(agent, printer, rounds);
const lines = Object.entries(tally).map(([name, count]) => `${name.padEnd(10)} ${count}\n`)
  .concat(left.map((job) => `${job}\n`));
await Deno.stdout.write(new TextEncoder().encode(lines.join("")));
const { lost, doubled, reordered, reusedIds, stuck } = tally;
Deno.exitCode = lost + doubled + reordered + reusedIds + stuck === 0 ? 0 : 1;
