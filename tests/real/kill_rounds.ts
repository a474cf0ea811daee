import { GROUP, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { numberOf, textOf } from "../../scripts/print/ipp/values.ts";
import { askQueue, printText } from "../print/queue_client.ts";
import { type TestPrinter } from "../print/test_printer.ts";
import type { QueueAgent } from "./queue_agent.ts";

/** What came of documents that were printed while an agent was killed again and again. */
export interface KillTally {
  readonly rounds: number;
  /** Jobs whose Print-Job was answered. */
  readonly accepted: number;
  /** Of them, on paper. */
  readonly printed: number;
  /** Of them, neither printed nor kept for a person. */
  readonly lost: number;
  /** Documents that are on paper twice. */
  readonly doubled: number;
  /** Documents on paper before one that was accepted earlier. */
  readonly reordered: number;
  /** Jobs that a person must look at. */
  readonly inDoubt: number;
  /** Jobs that are still on their way, long after the last kill. */
  readonly stuck: number;
  /** Both of these, one by one, and why. */
  readonly left: readonly string[];
  /** Job ids that were given twice. */
  readonly reusedIds: number;
}

/** How long a round goes on after its first job, at most, and when it gets none, milliseconds. */
const LONGEST_ROUND_MS = 1_500, IDLE_ROUND_MS = 10_000;

/**
 * Prints without a pause while the agent, or each third time its cells, are killed at random moments,
 * then lets it come to rest.
 * A document that was not answered may be on paper, as any client must expect; it may not be twice.
 */
export async function killRounds(
  agent: QueueAgent,
  printer: TestPrinter,
  rounds: number,
): Promise<KillTally> {
  const accepted: { id: number; text: string }[] = [];
  let number = 0;
  for (let round = 0; round < rounds; round++) {
    let killed = false;
    // The agent lives on, as when a cell needs more memory than it has.
    const ofCells = round % 3 === 1;
    const end = Promise.withResolvers<void>();
    const kill = end.promise.then(() => {
      killed = true;
      return ofCells ? agent.killCells() : agent.kill();
    });
    let timer = setTimeout(end.resolve, IDLE_ROUND_MS);
    for (let first = true; !killed;) {
      const text = `document ${++number}`;
      try {
        accepted.push({ id: await printText(`${agent.url}/ipp/print`, text), text });
        if (first) {
          clearTimeout(timer);
          timer = setTimeout(end.resolve, Math.random() * LONGEST_ROUND_MS);
        }
        first = false;
      } catch {
        // Not answered: not acknowledged.
        if (!killed) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    await kill;
    if (!ofCells) await agent.begin();
  }
  await rest(agent);
  return tally(rounds, accepted, printer.paper, await jobsOf(agent));
}

/** `job-state` of a job that waits for a person. */
const HELD = 4;

/** A queue in which nothing has moved for so long is stuck; one of hundreds of jobs just takes long. */
const STUCK_MS = 60_000;

/** Until no job is on its way any more, or none moves. */
async function rest(agent: QueueAgent): Promise<void> {
  let before = "";
  for (let until = Date.now() + STUCK_MS; Date.now() < until;) {
    const jobs = await jobsOf(agent).catch(() => undefined);
    if (jobs?.every(({ state }) => state === HELD)) return;
    const now = JSON.stringify(jobs);
    if (jobs && now !== before) until = Date.now() + STUCK_MS;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

interface SeenJob {
  readonly id: number;
  readonly state: number;
  readonly name: string;
  readonly message: string;
}

/** The jobs that are not over. */
async function jobsOf(agent: QueueAgent): Promise<SeenJob[]> {
  const { groups } = await askQueue(`${agent.url}/ipp/print`, OPERATION.getJobs, [
    [
      "requested-attributes",
      TAG.keyword,
      "job-id",
      "job-state",
      "job-name",
      "job-state-message",
    ],
  ]);
  return groups.filter(({ tag }) => tag === GROUP.job).map(({ attributes }) => ({
    id: numberOf(attributes, "job-id")!,
    state: numberOf(attributes, "job-state")!,
    name: textOf(attributes, "job-name") ?? "",
    message: textOf(attributes, "job-state-message") ?? "",
  }));
}

function tally(
  rounds: number,
  accepted: readonly { id: number; text: string }[],
  paper: readonly string[],
  waiting: readonly SeenJob[],
): KillTally {
  const printed = accepted.filter(({ text }) => paper.includes(text));
  const places = printed.map(({ text }) => paper.indexOf(text));
  return {
    rounds,
    accepted: accepted.length,
    printed: printed.length,
    lost:
      accepted.filter(({ id, text }) =>
        !paper.includes(text) && !waiting.some((job) => job.id === id)
      ).length,
    doubled: paper.length - new Set(paper).size,
    reordered: places.filter((place, i) => i > 0 && place < places[i - 1]!).length,
    inDoubt: waiting.filter(({ state }) => state === HELD).length,
    stuck: waiting.filter(({ state }) => state !== HELD).length,
    left: waiting.map(({ id, state, name, message }) => {
      const known = accepted.some((job) => job.id === id) ? "answered" : "not answered";
      const came = paper.includes(name) ? "on paper" : "not on paper";
      return `job ${id} (${name}, ${known}, ${came}) is in state ${state}: ${message}`;
    }),
    reusedIds: accepted.length - new Set(accepted.map(({ id }) => id)).size,
  };
}
