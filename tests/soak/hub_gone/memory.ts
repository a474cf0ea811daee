import { median } from "../../bench/statistics.ts";
import { slopeOf } from "../trend.ts";
import type { GoneSample } from "./machine.ts";

/** In the first minutes code is compiled, and caches fill. */
const WARM_UP_MINUTES = 10;
/** With fewer minutes behind those, nothing is said. */
const LEAST_MINUTES = 8;
/**
 * The last quarter may lie above the first one by this much: what a garbage collector leaves lying,
 * and pages of a database that has grown, up to the bound of its cache.
 */
const MORE = 0.1;
/** Of a heap from which that was collected: code that was compiled meanwhile. */
const MORE_HEAP_BYTES = 2_000_000;

/** How the memory of one agent went after the first minutes. */
export interface MemoryTrend {
  /** Medians of the first and the last quarter, bytes. */
  readonly first: number;
  readonly last: number;
  /** Bytes in an hour, by least squares. */
  readonly slope: number;
}

type Kind = "rss" | "privateDirty" | "heap";

/** @returns `undefined` where too little was measured. */
export function trendOf(samples: readonly GoneSample[], kind: Kind): MemoryTrend | undefined {
  const values = samples.slice(WARM_UP_MINUTES).flatMap((sample) => sample[kind] ?? []);
  if (values.length < LEAST_MINUTES) return undefined;
  const quarter = Math.floor(values.length / 4);
  return {
    first: median(values.slice(0, quarter)),
    last: median(values.slice(-quarter)),
    slope: slopeOf(values.map((value, minute) => [minute / 60, value])),
  };
}

/** What grew. */
export function memoryFaults(samples: readonly GoneSample[][]): string[] {
  return samples.flatMap((of, i) =>
    (["rss", "heap"] as const).flatMap((kind) => {
      const trend = trendOf(of, kind);
      if (trend === undefined) return [];
      const more = kind === "heap" ? MORE_HEAP_BYTES : trend.first * MORE;
      if (trend.last <= trend.first + more) return [];
      return [`agent ${i + 1}: ${kind} grew from ${trend.first} to ${trend.last} bytes`];
    })
  );
}
