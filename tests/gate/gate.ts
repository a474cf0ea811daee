import type { Row } from "../bench/row.ts";
import type { CaseReport } from "../hostile/runner.ts";
import type { Binary } from "./binary.ts";
import { type BenchChange, bestOf, compareBenches } from "./compare_benches.ts";
import { type CaseChange, compareCases } from "./compare_cases.ts";

export interface GateOptions {
  /** Attacks by name; all when empty. */
  attacks: readonly string[];
  benches: boolean;
  /** Told of what is under way. */
  onStep?(what: string): void;
}

/** What changes when the program runs on another Deno. */
export interface GateReport {
  /** Versions. */
  then: string;
  now: string;
  cases: number;
  changes: CaseChange[];
  benches: BenchChange[];
  /** Why the other binary must not be used, or was not judged in full; empty when it may be. */
  faults: string[];
}

/** Runs corpus and benchmarks on two binaries, one after the other. */
export async function gate(then: Binary, now: Binary, options: GateOptions): Promise<GateReport> {
  const { attacks, benches, onStep = () => {} } = options;
  const attack = (binary: Binary): Promise<CaseReport[]> => {
    onStep(`Attacking Deno ${binary.version}`);
    return binary.attack(attacks, ({ name }) => onStep(`  ${name}`));
  };
  const [before, after] = [await attack(then), await attack(now)];
  const changes = compareCases(before, after);
  const measure = (binary: Binary) => {
    onStep(`Measuring Deno ${binary.version}`);
    return binary.measure();
  };
  // There and back, so that a machine that gets busy is so for both.
  const rows: Row[][] = [];
  if (benches) { for (const binary of [then, now, now, then]) rows.push(await measure(binary)); }
  const [first = [], second = [], third = [], fourth = []] = rows;
  const weaker = changes.filter(({ change }) => change === "weaker");
  return {
    then: then.version,
    now: now.version,
    cases: before.length,
    changes,
    benches: compareBenches(bestOf(first, fourth), bestOf(second, third)),
    faults: [
      ...(before.length === 0 ? ["no attack was run"] : []),
      ...(weaker.length > 0 ? [`${weaker.length} cases got weaker`] : []),
      ...(rows.some((measured) => measured.length === 0) ? ["it could not be measured"] : []),
    ],
  };
}
