/**
 * The same items in a sequence of chance.
 *
 * @param items Not changed.
 * @param random From 0 up to 1, as `Math.random`.
 */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}
