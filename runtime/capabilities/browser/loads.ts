/** Documents that a page may load by itself in some seconds. */
const MOST = 30;
const WITHIN_MS = 10_000;

/** What documents a page has loaded, by the names that Chromium gives to the loading of each. */
export class Loads {
  #at: number[] = [];
  #began = "";
  #parsed = "";
  readonly #waiting = new Set<() => void>();

  /** @returns whether there were more of late than a page may load */
  begin(name: string, now: number): boolean {
    this.#began = name;
    this.#at = [...this.#at.filter((at) => now - at < WITHIN_MS), now];
    return this.#at.length > MOST;
  }

  /** All content of the newest document is there. */
  parsed(): void {
    this.#parsed = this.#began;
    for (const look of this.#waiting) look();
  }

  /** Of the document whose content is there. */
  get newest(): string {
    return this.#parsed;
  }

  /** Waits until the content of a document is there, for some time at most. */
  async content(ms: number, isIt: (name: string) => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const look = () => isIt(this.#parsed) && end();
      const timer = setTimeout(end, ms);
      this.#waiting.add(look);
      look();
    });
  }

  /** What was loaded so far is not held against the page. */
  forgive(): void {
    this.#at = [];
  }
}
