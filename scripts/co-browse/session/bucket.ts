/** Lets so much pass in a second, and so much at once. */
export class Bucket {
  readonly #perSecond: number;
  readonly #most: number;
  #left: number;
  #at: number | undefined;

  constructor(perSecond: number, most: number) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#left = most;
  }

  /**
   * @param now Milliseconds.
   * @param count How much is to pass, all of it or nothing.
   */
  take(now: number, count = 1): boolean {
    const passed = now - (this.#at ?? now);
    this.#at = now;
    this.#left = Math.min(this.#most, this.#left + passed * this.#perSecond / 1000);
    if (this.#left < count) return false;
    this.#left -= count;
    return true;
  }
}
