import type { SqlValue } from "./hub_database.ts";

/**
 * Values for `IN (…)`. The last one is repeated up to a power of two, so that lists of all lengths
 * make few texts, each of which a store prepares once and keeps.
 *
 * @param values At least one.
 * @param first The number of the first placeholder.
 */
export function inList<T extends SqlValue>(
  values: readonly T[],
  first: number,
): { places: string; values: T[] } {
  const count = 2 ** Math.ceil(Math.log2(values.length));
  const places = Array.from({ length: count }, (_, i) => `?${first + i}`).join(", ");
  const filler = Array.from({ length: count - values.length }, () => values.at(-1)!);
  return { places, values: [...values, ...filler] };
}
