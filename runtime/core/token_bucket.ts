/**
 * Says whether something goes on faster than it may: so much at once, and so much more with time.
 * Times are milliseconds of any one clock.
 */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perMs: number;
  #tokens: number;
  #at: number;

  /**
   * @param capacity What may be taken at once, and is there at the beginning.
   * @param perMs What comes back in a millisecond.
   */
  constructor(capacity: number, perMs: number, now: number) {
    this.#capacity = capacity;
    this.#perMs = perMs;
    this.#tokens = capacity;
    this.#at = now;
  }

  /**
   * Takes `amount`, even where there is less.
   *
   * @returns How long it takes until what is owed has come back; 0 when nothing is.
   */
  take(amount: number, now: number): number {
    const grown = this.#tokens + (now - this.#at) * this.#perMs;
    this.#tokens = Math.min(this.#capacity, grown) - amount;
    this.#at = now;
    return Math.max(0, -this.#tokens / this.#perMs);
  }
}
