import { AuditReader } from "../../runtime/agent/mod.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { isAlive } from "../hostile/proc.ts";
import { DOCUMENT_BYTES, loadMix, rounds } from "./mix.ts";
import { OrderBook } from "./order_book.ts";
import { SoakPlace } from "./place.ts";
import { CellWatch } from "./cell_watch.ts";
import { type Sample, takeSample } from "./sample.ts";
import type { SoakScript } from "./script.ts";
import { SoakAgent } from "./soak_agent.ts";
import { memoryTrend, type Trend } from "./trend.ts";

export interface SoakOptions {
  orders: number;
  /** No order is given after this time. */
  seconds?: number;
  /** Told of each sample. */
  onSample?(sample: Sample): void;
}

/** What a soak found. */
export interface SoakReport {
  orders: number;
  seconds: number;
  /** Orders of each kind, and how each outcome was spread. */
  kinds: Record<string, number>;
  outcomes: Record<string, number>;
  trend: Trend;
  /** At rest after the warm-up, and at rest at the end. */
  before: Sample;
  after: Sample;
  auditRows: number;
  /** What is not as it must be; empty when the agent came through. */
  faults: string[];
}

/** Orders under way at the same time: as many as run at once, and as many again that wait. */
const PARALLEL = 16;
/** How often samples are taken over a soak, about. */
const SAMPLES = 60;
/** How long what an agent is done with may take to go. */
const REST_MS = 10_000;
/** Threads of the runtime's pool come and go. */
const THREADS = 8;

/** Feeds a real agent with a mix of good and hostile orders, and looks at what stays behind. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const mix = await loadMix();
  await using place = await SoakPlace.make(mix);
  const agent = await SoakAgent.start(place);
  using cells = new CellWatch(agent.pid);
  const documents = makeDocuments();
  for (const { sha256, bytes } of documents) await agent.store(sha256, bytes);
  const book = new OrderBook(agent, place, documents);
  const samples: Sample[] = [];
  const sample = () => takeSample(agent.pid, place, book.ended);
  try {
    // Every script once, so that what is kept of each is there.
    await inParallel(mix[Symbol.iterator](), (script) => book.carryOut(script));
    const before = await atRest(agent, sample);
    const started = performance.now();
    const every = Math.max(1, Math.floor(options.orders / SAMPLES));
    let nextSample = book.ended + every;
    const deadline = started + (options.seconds ?? Infinity) * 1000;
    await inParallel(limited(rounds(mix), options.orders, deadline), async (script) => {
      await book.carryOut(script);
      if (book.ended < nextSample) return;
      nextSample += every;
      samples.push(sample());
      options.onSample?.(samples.at(-1)!);
    });
    const seconds = (performance.now() - started) / 1000;
    const after = await atRest(agent, sample);
    await book.compareWithRecords();
    const { code } = await agent.stop();
    const trend = memoryTrend(samples);
    const faults = [
      ...book.faults,
      ...(code === 0 ? [] : [`the agent ended with exit code ${code}`]),
      ...leaks(before, after),
      ...(trend.flat ? [] : ["memory grows"]),
      ...await cells.survivors(REST_MS),
    ];
    const auditRows = verifyAudit(place.state, faults);
    const { kinds, outcomes, ended: orders } = book;
    return { orders, seconds, kinds, outcomes, trend, before, after, auditRows, faults };
  } finally {
    if (isAlive(agent.pid)) await agent.stop();
  }
}

/** Waits until nothing runs and what was used is given back, or time is up. */
async function atRest(agent: SoakAgent, sample: () => Sample): Promise<Sample> {
  agent.disconnect();
  const deadline = performance.now() + REST_MS;
  let [last, same] = [sample(), 0];
  while (same < 10 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = sample();
    const still = next.descriptors === last.descriptors && next.children === last.children;
    same = still && next.temporaryFiles === last.temporaryFiles ? same + 1 : 0;
    last = next;
  }
  return last;
}

function leaks(before: Sample, after: Sample): string[] {
  const faults: string[] = [];
  for (const what of ["descriptors", "children", "temporaryFiles"] as const) {
    if (after[what] <= before[what]) continue;
    faults.push(`${what} at rest: ${before[what]} before, ${after[what]} after`);
  }
  if (after.threads > before.threads + THREADS) {
    faults.push(`threads at rest: ${before.threads} before, ${after.threads} after`);
  }
  return faults;
}

function verifyAudit(stateDir: string, faults: string[]): number {
  using audit = AuditReader.open(stateDir);
  const { ok, rows, firstBad } = audit.verify();
  if (!ok) faults.push(`the audit chain is broken: ${firstBad?.fault} at ${firstBad?.seq}`);
  return rows;
}

function makeDocuments() {
  return [1, 2].map((number) => {
    const bytes = new Uint8Array(DOCUMENT_BYTES).fill(number);
    return { name: `${number}.bin`, sha256: digestOf(bytes), length: bytes.length, bytes };
  });
}

function* limited(
  scripts: Iterable<SoakScript>,
  count: number,
  deadline: number,
): Generator<SoakScript> {
  let given = 0;
  for (const script of scripts) {
    if (given++ >= count || performance.now() > deadline) return;
    yield script;
  }
}

async function inParallel<T>(items: Iterator<T>, work: (item: T) => Promise<void>): Promise<void> {
  const worker = async () => {
    for (let next = items.next(); !next.done; next = items.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
