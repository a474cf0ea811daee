import { GROUP, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { askQueue } from "../print/queue_client.ts";
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
/** The longest that a document may take to its paper. */
const PRINTED_MS = 120_000;
const MB = 1_000_000;

/** How many jobs wait when it is measured what a long queue costs, and how short they are. */
const QUEUED = 1_000, SHORT_BYTES = 100;
/** Jobs that each takes before it is measured: an engine compiles what is used often while it runs. */
const WARM_JOBS = 30;

/** Taking documents as a printer, beside cupsd. Empty where CUPS is not installed. */
export async function measurePrint({ printJobs }: Rounds): Promise<Row[]> {
  const programs = requireReal(["cupsd", "lpadmin", "lp", "ippeveprinter", "dbus-daemon"]);
  if (!programs) return [];
  const formats = ["application/pdf"];
  await using ours = await RealPrinter.start(programs, formats);
  await using theirs = await RealPrinter.start(programs, formats);
  await using cups = await RealCups.start(programs);
  await cups.add("bench", theirs.uri);
  const begin = () =>
    QueueAgent.start({
      printers: [ours.address],
      settings: { queues: { bench: { printer: ours.uri, "jobs-per-user": 10_000 } } },
    });
  await using agent = await begin();
  const take = (uri: string, bytes = DOCUMENT_BYTES) => {
    const request = requestOf(uri, bytes);
    return elapsed(() => printJob(uri, request));
  };
  // A queue is loaded with its first job.
  await take(agent.uri, SHORT_BYTES);
  await untilPrinted(agent, 1);
  const long = await memoryDuring(agent.pid, () => printLong(agent.uri));
  const sent = await memoryDuring(agent.pid, () => untilPrinted(agent, 2));
  // What is taken stays in the queue from here on.
  await ours.hold();
  await theirs.hold();
  const few = () => take(agent.uri);
  const both = [few, () => take(`ipp://${cups.server}/printers/bench`)];
  await inTurns(WARM_JOBS, both);
  const [mine, cupsd] = await inTurns(printJobs, both);
  await using loaded = await begin();
  const queues = [few, () => take(loaded.uri)];
  await inTurns(WARM_JOBS, queues);
  for (let i = 0; i < QUEUED; i++) await take(loaded.uri, SHORT_BYTES);
  const [short, behind] = await inTurns(printJobs, queues);
  // They would wait for the printer, which holds what it has.
  await Promise.all([agent.kill(), loaded.kill()]);
  const memory = (what: string, { processes, rss, pss }: PeakMemory): Row => ({
    what: `Print-Job, 500 MB, agent and all its cells while it is ${what}`,
    value: rss / MB,
    unit: "MB",
    target: { of: "value", most: true, limit: 200 },
    note: `${processes} processes; ${Math.round(pss / MB)} MB with shared pages counted once`,
  });
  return [
    {
      what: "Print-Job, 1 MB, on disk",
      value: median(mine!),
      unit: "ms",
      beside: { name: "cupsd", value: median(cupsd!) },
      target: { of: "ratio", most: true, limit: 1.2 },
    },
    {
      what: "Print-Job, 1 MB, behind 1,000 jobs",
      value: median(behind!),
      unit: "ms",
      beside: { name: "behind a few", value: median(short!) },
      target: { of: "ratio", most: true, limit: 1.2 },
    },
    memory("taken", long),
    memory("sent on", sent),
  ];
}

/** Until so many jobs are on paper. */
async function untilPrinted(agent: QueueAgent, count: number): Promise<void> {
  for (const until = Date.now() + PRINTED_MS; Date.now() < until;) {
    const { groups } = await askQueue(`${agent.url}/ipp/print`, OPERATION.getJobs, [
      ["which-jobs", TAG.keyword, "completed"],
    ]);
    if (groups.filter(({ tag }) => tag === GROUP.job).length >= count) return;
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
  throw new Error(`the printer did not print ${count} jobs\n${agent.output.join("")}`);
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

/** Of an agent and all processes that it started. */
interface PeakMemory {
  readonly processes: number;
  readonly rss: number;
  readonly pss: number;
}

/** The most memory that an agent and what it started have while something is done. */
async function memoryDuring(pid: number, work: () => Promise<void>): Promise<PeakMemory> {
  const pids = [pid, ...await descendantsOf(pid, () => true)];
  const peak = { processes: pids.length, rss: 0, pss: 0 };
  const sample = async () => {
    const all = await Promise.all(pids.map(memoryOf));
    peak.rss = Math.max(peak.rss, sum(all.map(({ rss }) => rss)));
    peak.pss = Math.max(peak.pss, sum(all.map(({ pss }) => pss)));
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

function sum(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
