import type { RunRecord } from "../../../runtime/agent/store/runs.ts";
import type { KillScript } from "./kill_fleet.ts";

/** An order that was sent. */
export interface Given {
  readonly id: string;
  readonly script: KillScript;
  readonly queueKey: string | undefined;
  readonly envelope: Uint8Array;
  /** The number of its run, once it was acknowledged. */
  run?: number;
}

/** What became of all orders. */
export interface Verdict {
  given: number;
  acknowledged: number;
  /** Acknowledged, and not in the records or without an end. */
  lost: number;
  /** Scripts that must not run twice and did. */
  doubled: number;
  /** Numbers that were given to two runs. */
  reused: number;
  /** Runs that began before one that stood in front of them in their queue. */
  overtaken: number;
  /** Runs by outcome, and attempts after the first. */
  outcomes: Record<string, number>;
  repeats: number;
  faults: string[];
}

/**
 * Holds what was acknowledged against the records of the agent and the word of the witness.
 *
 * @param seen Moments at which each order's script ran.
 */
export function judge(
  given: readonly Given[],
  runs: readonly RunRecord[],
  seen: ReadonlyMap<string, readonly number[]>,
): Verdict {
  const faults: string[] = [];
  const count = (found: readonly string[]): number => {
    faults.push(...found);
    return found.length;
  };
  const byOrder = Map.groupBy(runs, ({ order }) => order);
  const acknowledged = given.filter(({ run }) => run !== undefined);
  const numbers = acknowledged.map(({ run }) => run!);
  const outcomes: Record<string, number> = {};
  for (const { outcome } of runs) {
    const name = outcome?.outcome ?? "none";
    outcomes[name] = (outcomes[name] ?? 0) + 1;
  }
  return {
    given: given.length,
    acknowledged: acknowledged.length,
    lost: count(acknowledged.flatMap((order) => lossOf(order, byOrder.get(order.id) ?? [], seen))),
    doubled: count(given.flatMap(({ id, script }) => {
      const times = seen.get(id)?.length ?? 0;
      return script === "once" && times > 1 ? [`order ${id} ran ${times} times`] : [];
    })),
    reused: count(duplicates(numbers).map((run) => `run ${run} was given out twice`)),
    overtaken: count(overtaken(given, byOrder, seen)),
    outcomes,
    repeats: runs.filter(({ attempt }) => attempt > 1).length,
    faults,
  };
}

function lossOf(
  { id, script, run }: Given,
  runs: readonly RunRecord[],
  seen: ReadonlyMap<string, readonly number[]>,
): string[] {
  if (!runs.some((record) => record.id === run)) return [`order ${id} lost its run ${run}`];
  const open = runs.filter(({ state }) => state !== "ended");
  if (open.length > 0) return [`run ${open[0]!.id} of order ${id} has no end`];
  const { outcome } = runs.reduce((a, b) => (a.attempt > b.attempt ? a : b));
  const allowed = script === "once" ? ["ok", "interrupted"] : ["ok"];
  if (!outcome || !allowed.includes(outcome.outcome)) {
    return [`order ${id} ended as ${JSON.stringify(outcome)}`];
  }
  if (outcome.outcome === "ok" && !seen.has(id)) return [`order ${id} is said to have run`];
  return [];
}

/** Of each queue, those whose script was first seen before that of an order with a lower run. */
function overtaken(
  given: readonly Given[],
  byOrder: ReadonlyMap<string, readonly RunRecord[]>,
  seen: ReadonlyMap<string, readonly number[]>,
): string[] {
  const faults: string[] = [];
  const queues = Map.groupBy(given.filter(({ queueKey }) => queueKey), ({ queueKey }) => queueKey);
  for (const orders of queues.values()) {
    const ran = orders.flatMap(({ id }) => {
      const runs = byOrder.get(id) ?? [];
      const moments = seen.get(id) ?? [];
      if (runs.length === 0 || moments.length === 0) return [];
      const first = Math.min(...runs.map((run) => run.id));
      return [{ id, first, from: moments[0]!, to: moments.at(-1)! }];
    }).sort((a, b) => a.first - b.first);
    for (const [i, { id, from }] of ran.entries()) {
      const before = ran[i - 1];
      if (before && from < before.to) faults.push(`order ${id} overtook order ${before.id}`);
    }
  }
  return faults;
}

function duplicates(numbers: readonly number[]): number[] {
  return numbers.filter((number, i) => numbers.indexOf(number) !== i);
}
