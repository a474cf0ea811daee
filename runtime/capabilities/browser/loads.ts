/** Documents that a page may load by itself in some seconds. */
const MOST = 30;
const WITHIN_MS = 10_000;

/** When a page has loaded documents of late. */
export class Loads {
  #at: number[] = [];

  /** @returns whether that is more than a page may */
  add(now: number): boolean {
    this.#at = [...this.#at.filter((at) => now - at < WITHIN_MS), now];
    return this.#at.length > MOST;
  }

  forget(): void {
    this.#at = [];
  }
}
