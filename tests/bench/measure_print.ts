import { QueueAgent } from "../real/queue_agent.ts";
import { RealCups } from "../real/real_cups.ts";
import { RealPrinter } from "../real/real_printer.ts";
import { requireReal } from "../real/require_real.ts";
import { PDF, printFile, printJob, printJobHead, requestOf } from "./print_job.ts";
import { descendantsOf, memoryOf } from "./proc.ts";
import type { Rounds } from "./rounds.ts";
import type { Row } from "./row.ts";
import { elapsed, inTurns, median } from "./statistics.ts";

const DOCUMENT_BYTES = 1_000_000;
const LONG_BYTES = 500_000_000;
const SAMPLE_MS = 20;
const MB = 1_000_000;

/** Taking documents as a printer, beside cupsd. Empty where CUPS is not installed. */
export async function measurePrint({ printJobs }: Rounds): Promise<Row[]> {
  const programs = requireReal(["cupsd", "lpadmin", "lp", "ippeveprinter", "dbus-daemon"]);
  if (!programs) return [];
  const formats = ["application/pdf"];
  await using ours = await RealPrinter.start(programs, formats);
  await using theirs = await RealPrinter.start(programs, formats);
  // What is taken stays in the queue.
  await ours.hold();
  await theirs.hold();
  await using cups = await RealCups.start(programs);
  await cups.add("bench", theirs.uri);
  await using agent = await QueueAgent.start({
    printers: [ours.address],
    settings: { queues: { bench: { printer: ours.uri } } },
  });
  const take = (uri: string) => {
    const request = requestOf(uri, DOCUMENT_BYTES);
    return elapsed(() => printJob(uri, request));
  };
  const both = [
    () => take(agent.uri),
    () => take(`ipp://${cups.server}/printers/bench`),
  ];
  await inTurns(3, both);
  const [mine, cupsd] = await inTurns(printJobs, both);
  const peakBytes = await peakOf(agent.pid, () => printLong(agent.uri));
  // It would wait for the printer, which holds what it has.
  await agent.kill();
  return [{
    what: "Print-Job, 1 MB, on disk",
    value: median(mine!),
    unit: "ms",
    beside: { name: "cupsd", value: median(cupsd!) },
    target: { of: "ratio", most: true, limit: 1.2 },
  }, {
    what: "Print-Job, 500 MB, agent and cell at their peak",
    value: peakBytes / MB,
    unit: "MB",
    target: { of: "value", most: true, limit: 200 },
  }];
}

async function printLong(uri: string): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "writ-bench-" });
  try {
    const head = printJobHead(uri);
    await Deno.writeFile(path, new Uint8Array([...head, ...PDF]));
    await Deno.truncate(path, head.length + LONG_BYTES);
    await printFile(uri, path);
  } finally {
    await Deno.remove(path);
  }
}

/** The most memory of a process and its descendants together while something is done. */
async function peakOf(pid: number, work: () => Promise<void>): Promise<number> {
  const pids = [pid, ...await descendantsOf(pid, () => true)];
  let peak = 0;
  const sample = async () => {
    const all = await Promise.all(pids.map(memoryOf));
    peak = Math.max(peak, all.reduce((sum, { rss }) => sum + rss, 0));
  };
  let isOver = false;
  const done = work().finally(() => isOver = true);
  while (!isOver) {
    await sample();
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))]);
  }
  await done;
  return peak;
}
