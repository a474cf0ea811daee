/**
 * Wakes those who follow a run when something new of it is on disk. It carries no events: a
 * follower reads them from the store at its own speed, so a slow one costs no memory.
 */
export class EventHub {
  readonly #waiting = new Map<number, Set<() => void>>();
  readonly #watchers = new Set<(run: number) => void>();

  /** Calls back for every run, until it is disposed of. */
  watch(changed: (run: number) => void): Disposable {
    this.#watchers.add(changed);
    return { [Symbol.dispose]: () => this.#watchers.delete(changed) };
  }

  /** Call after the commit. */
  notify(run: number): void {
    const waiting = this.#waiting.get(run);
    this.#waiting.delete(run);
    for (const wake of waiting ?? []) wake();
    for (const changed of this.#watchers) changed(run);
  }

  /** Resolves at the next {@linkcode notify} for this run, or when the signal is aborted. */
  next(run: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(run) ?? new Set();
      this.#waiting.set(run, waiting);
      const wake = () => {
        signal.removeEventListener("abort", wake);
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiting.get(run) === waiting) this.#waiting.delete(run);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  /** Wakes everybody, when the agent stops. */
  close(): void {
    for (const run of [...this.#waiting.keys()]) this.notify(run);
  }
}
