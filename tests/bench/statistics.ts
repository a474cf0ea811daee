/** The middle of the samples; of two middles the mean. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/**
 * @param fraction 0 for the least sample, 1 for the greatest.
 * @returns Linear between neighbouring samples; NaN without any.
 */
export function quantile(samples: readonly number[], fraction: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const place = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** Milliseconds that a call takes until it resolves. */
export async function elapsed(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

/** Between two turns, until what the last one ended is gone. */
const REST_MS = 20;

/** Takes each in its turn, again and again, so that a machine that slows down does so for all. */
export async function inTurns<T>(
  count: number,
  all: readonly (() => T | Promise<T>)[],
): Promise<T[][]> {
  const samples: T[][] = all.map(() => []);
  for (let i = 0; i < count; i++) {
    for (const [place, one] of all.entries()) {
      samples[place]!.push(await one());
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
  }
  return samples;
}
