import type { Row } from "../bench/row.ts";

/** One benchmark on two binaries. */
export interface BenchChange {
  what: string;
  unit: string;
  then: number;
  now: number;
  /** Now over then. */
  ratio: number;
  change: "same" | "better" | "worse";
}

/** Within this, a difference is the machine's mood. */
const NOISE = 0.15;
/** Units of which more is better. */
const MORE_IS_BETTER = ["MB/s", "orders/s"];

/** Of two runs on one binary, the better value of each row: what disturbs only ever makes it worse. */
export function bestOf(one: readonly Row[], other: readonly Row[]): Row[] {
  return one.map((row, i) => {
    const again = other[i];
    if (again?.what !== row.what) return row;
    const more = MORE_IS_BETTER.includes(row.unit);
    return (again.value > row.value) === more ? again : row;
  });
}

/** Compares two runs of the benchmark, row by row; a row that stands beside others counts once. */
export function compareBenches(then: readonly Row[], now: readonly Row[]): BenchChange[] {
  const found = new Map(now.map((row) => [row.what, row]));
  const seen = new Set<string>();
  return then.flatMap(({ what, unit, value }) => {
    const after = found.get(what);
    if (after === undefined || seen.has(what)) return [];
    seen.add(what);
    const ratio = after.value / value;
    const gain = MORE_IS_BETTER.includes(unit) ? ratio : 1 / ratio;
    const change = gain > 1 + NOISE ? "better" : gain < 1 / (1 + NOISE) ? "worse" : "same";
    return [{ what, unit, then: value, now: after.value, ratio, change }];
  });
}
