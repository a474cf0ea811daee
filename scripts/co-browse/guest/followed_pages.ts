import type { Station } from "../browser/station.ts";
import type { TabList } from "../browser/tabs.ts";
import type { Input } from "../wire/input.ts";

/** A page that a click opens here as well is waited for so long. */
const PATIENCE_MS = 400;
/** What was done here is told by this browser within that. */
const TELLING_MS = 1_000;
/** A page that the shared browser has not opened by then is nobody's. */
const UNCLAIMED_MS = 2_000;
const WEB = /^https?:/;

/**
 * Which page of this browser is which of the shared one. Each browser counts its own: what is followed
 * may open a page here, or not, and later than over there.
 */
export class FollowedPages {
  readonly #station: Station;
  /** This browser's number of each page of the shared one. */
  readonly #here = new Map<number, number>();
  #shared: TabList = { active: 1, tabs: [] };
  #isFollowing = false;
  /** Pages that this browser has told of. */
  #known = new Set<number>();
  /** Pages that are being closed here, and are nobody's any more. */
  readonly #leaving = new Set<number>();
  #wake = () => {};
  #tidy: ReturnType<typeof setTimeout> | undefined;

  constructor(station: Station) {
    this.#station = station;
  }

  /** What was done in the shared browser, for this one; nothing where the page is not here. */
  toHere(input: Input): Input | undefined {
    return renumbered(input, (tab) => this.#here.get(tab));
  }

  /** What was done in this browser, for the shared one; nothing where the page is not there. */
  toShared(input: Input): Input | undefined {
    return renumbered(input, (tab) => this.#sharedOf(tab));
  }

  /** Has the pages that the shared browser has, and looks at the same. */
  follow(shared: TabList): Promise<void> {
    this.#shared = shared;
    return this.#quietly(async () => {
      for (const [tab, here] of this.#here) {
        if (shared.tabs.some((page) => page.tab === tab)) continue;
        this.#here.delete(tab);
        await this.#close(here);
      }
      // What is looked at first: the first page of all is open before anything is known of others.
      const isActive = ({ tab }: { tab: number }) => Number(tab === shared.active);
      const wanted = [...shared.tabs].sort((a, b) => isActive(b) - isActive(a));
      for (const { tab, url } of wanted) await this.#has(tab, url);
      const here = this.#here.get(shared.active);
      if (here === undefined || here === this.#station.pages.active) return;
      await this.#station.apply({ type: "tab", tab: here, action: "active" });
      await this.#until(() => this.#station.pages.active === here, TELLING_MS);
    });
  }

  /** Has a page of the shared browser: one that has opened by itself here, or another. */
  open(tab: number, url: string): Promise<void> {
    return this.#quietly(() => this.#has(tab, url));
  }

  /**
   * Other pages are here.
   *
   * @returns What the person here did about them, for the shared browser
   */
  changed(): Input | undefined {
    this.#wake();
    const { active, tabs } = this.#station.pages;
    const gone = [...this.#known].filter((known) => !tabs.some(({ tab }) => tab === known));
    this.#known = new Set(tabs.map(({ tab }) => tab));
    const closed = gone.map((here) => this.#sharedOf(here)).find((tab) => tab !== undefined);
    for (const here of gone) this.#forget(here);
    if (this.#isFollowing) return undefined;
    // Before anything is known of the shared browser, every page here may be one of its.
    const isNobodys = tabs.some(({ tab }) => this.#sharedOf(tab) === undefined);
    if (isNobodys && this.#shared.tabs.length > 0) this.#tidySoon();
    if (closed !== undefined) return { type: "tab", tab: closed, action: "close" };
    const tab = this.#sharedOf(active);
    if (tab === undefined || tab === this.#shared.active) return undefined;
    return { type: "tab", tab, action: "active" };
  }

  end(): void {
    clearTimeout(this.#tidy);
  }

  /** What comes of it is nobody's doing here. */
  async #quietly(work: () => Promise<void>): Promise<void> {
    this.#isFollowing = true;
    try {
      await work();
    } finally {
      this.#isFollowing = false;
    }
  }

  async #has(tab: number, url: string): Promise<void> {
    if (this.#here.has(tab)) return;
    const opened = await this.#opened(url);
    if (opened !== undefined) this.#here.set(tab, opened);
    else if (WEB.test(url)) {
      const page = await this.#station.browser.open(url).catch(() => undefined);
      if (!page) return;
      this.#here.set(tab, page.tab);
      await this.#until(() => this.#known.has(page.tab), TELLING_MS);
    }
  }

  async #close(here: number): Promise<void> {
    this.#leaving.add(here);
    const done = await this.#station.apply({ type: "tab", tab: here, action: "close" });
    if ("why" in done) this.#leaving.delete(here);
  }

  #forget(here: number): void {
    this.#leaving.delete(here);
    const tab = this.#sharedOf(here);
    if (tab !== undefined) this.#here.delete(tab);
  }

  #sharedOf(here: number): number | undefined {
    for (const [tab, one] of this.#here) if (one === here) return tab;
    return undefined;
  }

  /** The page that nobody knows yet whose it is: the one that is there already, or of that site. */
  async #opened(url: string): Promise<number | undefined> {
    const found = () => {
      const unknown = this.#station.pages.tabs.filter(({ tab }) =>
        this.#sharedOf(tab) === undefined && !this.#leaving.has(tab)
      );
      return unknown.find((page) => page.url === url) ??
        // The first page of all is the shared one, wherever it was led.
        unknown.find((page) => this.#here.size === 0 || isOfSite(page.url, url));
    };
    if (found() === undefined && this.#station.mayOpenPages) {
      await this.#until(() => found() !== undefined, PATIENCE_MS);
    }
    return found()?.tab;
  }

  /** Waits for pages to change, for a while at most. */
  async #until(holds: () => boolean, ms: number): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (!holds()) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }

  #tidySoon(): void {
    this.#tidy ??= setTimeout(() => {
      this.#tidy = undefined;
      // What is being opened now is about to have an owner.
      if (this.#isFollowing) return this.#tidySoon();
      for (const { tab } of this.#station.pages.tabs) {
        if (this.#sharedOf(tab) !== undefined) continue;
        void this.#close(tab);
      }
    }, UNCLAIMED_MS);
  }
}

function renumbered(input: Input, numberOf: (tab: number) => number | undefined) {
  if (input.tab === undefined) return input;
  const tab = numberOf(input.tab);
  return tab === undefined ? undefined : { ...input, tab };
}

/** Whether a page is of a site, or may become one of it. */
function isOfSite(page: string, url: string): boolean {
  return !WEB.test(page) || URL.parse(page)?.origin === URL.parse(url)?.origin;
}
