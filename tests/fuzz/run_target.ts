import process from "node:process";
import fc from "fast-check";
import type { Target } from "./target.ts";

/** How one target is fuzzed. */
export interface FuzzOptions {
  seconds: number;
  seed: number;
  /** Where a failure was found before, as a report says it: only that input is tried. */
  path?: string;
  /** Told of each input before it is tried, for one that ends the process or never returns. */
  onInput?(input: unknown): void;
}

/** What fuzzing one target found. */
export interface FuzzReport {
  name: string;
  inputs: number;
  seconds: number;
  seed: number;
  /** Absent when all inputs were handled as they must be. */
  failure?: { path: string; input: string; error: string };
}

/** One input that takes more of a processor makes whoever reads it stand still. */
const SLOW_MS = 5_000;
/** The most of a failing input that is shown. */
const SHOWN_CHARACTERS = 4_000;

/** Feeds a target until its time is over or an input is handled wrongly. */
export async function runTarget(target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const { seconds, seed, path, onInput } = options;
  const probe = await target.open();
  const started = performance.now();
  let inputs = 0;
  try {
    const property = fc.asyncProperty(probe.trials, async ({ input, check }) => {
      inputs++;
      onInput?.(input);
      const before = process.cpuUsage();
      await check();
      const { user, system } = process.cpuUsage(before);
      const ms = Math.round((user + system) / 1000);
      if (ms > SLOW_MS) throw new Error(`took ${ms} ms of a processor, at most ${SLOW_MS} may go`);
    });
    const details = await fc.check(property, {
      seed,
      ...(path === undefined ? {} : { path }),
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: seconds * 1000,
      markInterruptAsFailure: false,
    });
    const report = { name: target.name, inputs, seconds: elapsed(started), seed };
    if (!details.failed) return report;
    return {
      ...report,
      failure: {
        path: details.counterexamplePath ?? "",
        input: fc.stringify(details.counterexample?.[0].input).slice(0, SHOWN_CHARACTERS),
        error: describe(details.errorInstance),
      },
    };
  } finally {
    await probe.close?.();
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

function elapsed(since: number): number {
  return Math.round((performance.now() - since) / 100) / 10;
}
