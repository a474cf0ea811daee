import { median } from "../bench/statistics.ts";
import type { Sample } from "./sample.ts";

/** How the agent's memory went, after it had warmed up. */
export interface Trend {
  /** Medians of the first and the last quarter, bytes. */
  first: number;
  last: number;
  /** Bytes for each order, by least squares. */
  slope: number;
  flat: boolean;
}

/** Part of the samples in which caches fill and code is compiled. */
const WARM_UP = 0.25;
/** The last quarter may lie above the first by this much: what a garbage collector leaves lying. */
const MORE = 0.1;
const MORE_BYTES = 16_000_000;
/** V8's heap takes some thousand orders to find its size; before, only a great leak shows. */
const SETTLED_ORDERS = 2_000;
const UNSETTLED_BYTES = 100_000_000;

/** @param samples Taken in even distances; nothing can be said of fewer than four. */
export function memoryTrend(samples: readonly Sample[]): Trend {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const quarter = Math.max(1, Math.floor(warm.length / 4));
  const rss = warm.map((sample) => sample.rss);
  const first = median(rss.slice(0, quarter));
  const last = median(rss.slice(-quarter));
  const settled = (samples.at(-1)?.orders ?? 0) >= SETTLED_ORDERS;
  return {
    first,
    last,
    slope: slopeOf(warm.map(({ orders, rss }) => [orders, rss])),
    flat: last <= first * (1 + MORE) + (settled ? MORE_BYTES : UNSETTLED_BYTES),
  };
}

/** How much y rises for each x, by least squares. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [x0, y0] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const over = points.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0);
  const under = points.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
  return under === 0 ? 0 : over / under;
}
