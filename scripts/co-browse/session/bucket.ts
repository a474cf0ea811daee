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

  /** @param now Milliseconds. */
  take(now: number): boolean {
    const passed = now - (this.#at ?? now);
    this.#at = now;
    this.#left = Math.min(this.#most, this.#left + passed * this.#perSecond / 1000);
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
