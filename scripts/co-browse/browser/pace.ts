/** Addresses that may wait to be gone to in one page. */
const MOST_WAITING = 4;

/**
 * What is left out where a page leads on faster than this browser can follow: it goes to the last
 * address at once, and what was to be done at those before is not done at another.
 */
export class Pace {
  readonly #pages = new Map<number, { waiting: number; round: number }>();

  /**
   * Something is to be done in a page.
   *
   * @returns Whether it is, asked when its turn has come.
   */
  enter(tab: number, isNavigation: boolean): () => boolean {
    const page = this.#pages.get(tab) ?? { waiting: 0, round: 0 };
    this.#pages.set(tab, page);
    if (isNavigation && ++page.waiting > MOST_WAITING) {
      page.round++;
      page.waiting = 1;
    }
    const { round } = page;
    return () => {
      if (round !== page.round) return false;
      if (isNavigation) page.waiting--;
      return true;
    };
  }

  /** The page is closed. */
  leave(tab: number): void {
    this.#pages.delete(tab);
  }
}
