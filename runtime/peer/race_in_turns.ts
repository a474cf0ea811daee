/** How {@linkcode raceInTurns} asks. */
export interface RaceOptions {
  /** Asked at the same time, as long as all answer soon. */
  readonly atOnce: number;
  /** Who has not answered by then is waited for no more than the next one, milliseconds. */
  readonly patienceMs: number;
}

/**
 * Asks one after another until one gives something: a few at a time, the next when one says no or
 * takes too long. Those that are slow may still win.
 *
 * @param ask Rejects for no. What is under way when another has won is the caller's to end.
 * @returns what the first gave.
 * @throws {AggregateError} when all have said no
 */
export function raceInTurns<T, R>(
  items: readonly T[],
  ask: (item: T) => Promise<R>,
  { atOnce, patienceMs }: RaceOptions,
): Promise<R> {
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  const waiting = [...items];
  const errors: unknown[] = [];
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const begin = (item: T) => {
    const next = () => {
      timers.delete(timer);
      const [after] = waiting.splice(0, 1);
      if (after !== undefined) begin(after);
    };
    const timer = setTimeout(next, patienceMs);
    timers.add(timer);
    const won = (result: R) => {
      waiting.length = 0;
      resolve(result);
    };
    ask(item).then(won, (error) => {
      errors.push(error);
      if (errors.length === items.length) reject(new AggregateError(errors, "all have said no"));
      // Who was given up has its successor already.
      if (!timers.has(timer)) return;
      clearTimeout(timer);
      next();
    });
  };
  if (items.length === 0) reject(new AggregateError([], "there is nobody to ask"));
  for (const item of waiting.splice(0, atOnce)) begin(item);
  return promise.finally(() => timers.forEach(clearTimeout));
}
