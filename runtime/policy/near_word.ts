/** Words further apart than this share of their length are not offered. */
const MAX_DISTANCE_SHARE = 0.4;

/**
 * Finds the word that was probably meant.
 *
 * @returns the nearest of `words`, or `undefined` when none is near.
 *
 * @example
 * ```ts
 * import { nearestWord } from "./near_word.ts";
 * import assert from "node:assert/strict";
 *
 * assert.equal(nearestWord("oders", ["orders", "script"]), "orders");
 * assert.equal(nearestWord("zebra", ["orders", "script"]), undefined);
 * ```
 */
export function nearestWord(word: string, words: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of words) {
    const longest = Math.max(word.length, candidate.length);
    if (longest > 200) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    const limit = Math.max(1, Math.floor(longest * MAX_DISTANCE_SHARE));
    if (distance <= limit && distance < longest && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `did you mean "…"?` for the nearest valid word, if one is near. */
export function didYouMean(word: string, words: Iterable<string>): string | undefined {
  const near = nearestWord(word, words);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

/**
 * Counts insertions, deletions, substitutions and swaps of neighbours (optimal string alignment)
 * that turn one word into the other.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
