/** The clock on the wall was set when it is off by more than this from one that nobody sets. */
const SET_MS = 60_000;

/** Tells when the clock on the wall is set: no job is older, or younger, for that. */
export class SteadyClock {
  #wall = Date.now();
  #steady = performance.now();

  /** Milliseconds since 1970, by the clock on the wall as it was when this was asked first. */
  now(): number {
    return this.#wall + performance.now() - this.#steady;
  }

  /**
   * Follows the clock on the wall.
   *
   * @returns what it said before, and by how much it was set since; nothing when it was not
   */
  follow(): { readonly before: number; readonly byMs: number } | undefined {
    const before = this.now(), byMs = Date.now() - before;
    if (Math.abs(byMs) <= SET_MS) return undefined;
    this.#wall = Date.now();
    this.#steady = performance.now();
    return { before, byMs };
  }
}
