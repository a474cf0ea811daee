import { GROUP, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { numberOf } from "../../scripts/print/ipp/values.ts";
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
  /** Job ids that were given twice. */
  readonly reusedIds: number;
}

/** How long a round goes on after its first job, at most, and when it gets none, milliseconds. */
const LONGEST_ROUND_MS = 1_500, IDLE_ROUND_MS = 10_000;

/**
 * Prints without a pause while the agent is killed at random moments, then lets it come to rest.
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
    const end = Promise.withResolvers<void>();
    const kill = end.promise.then(() => {
      killed = true;
      return agent.kill();
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
    await agent.begin();
  }
  await rest(agent);
  return tally(rounds, accepted, printer.paper, await heldForReview(agent));
}

/** Until no job is on its way any more. */
async function rest(agent: QueueAgent): Promise<void> {
  for (const until = Date.now() + 120_000; Date.now() < until;) {
    const states = await statesOf(agent).catch(() => [{ state: 3, id: 0 }]);
    if (states.every(({ state }) => state === 4)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function heldForReview(agent: QueueAgent): Promise<number> {
  return (await statesOf(agent)).length;
}

async function statesOf(agent: QueueAgent): Promise<{ id: number; state: number }[]> {
  const { groups } = await askQueue(`${agent.url}/ipp/print`, OPERATION.getJobs, [
    ["requested-attributes", TAG.keyword, "job-id", "job-state"],
  ]);
  return groups.filter(({ tag }) => tag === GROUP.job).map(({ attributes }) => ({
    id: numberOf(attributes, "job-id")!,
    state: numberOf(attributes, "job-state")!,
  }));
}

function tally(
  rounds: number,
  accepted: readonly { id: number; text: string }[],
  paper: readonly string[],
  inDoubt: number,
): KillTally {
  const printed = accepted.filter(({ text }) => paper.includes(text));
  const places = printed.map(({ text }) => paper.indexOf(text));
  return {
    rounds,
    accepted: accepted.length,
    printed: printed.length,
    lost: Math.max(0, accepted.length - printed.length - inDoubt),
    doubled: paper.length - new Set(paper).size,
    reordered: places.filter((place, i) => i > 0 && place < places[i - 1]!).length,
    inDoubt,
    reusedIds: accepted.length - new Set(accepted.map(({ id }) => id)).size,
  };
}
