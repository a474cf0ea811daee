import type { BrowserEvent, BrowserSession } from "writ";
import { browserInput, type ElementPoint, elementPoint, type Input } from "../wire/input.ts";
import { fieldOf, isOfTab } from "../session/fields.ts";
import type { Refusal } from "../wire/host_message.ts";
import { captured } from "./captured.ts";
import { type TabList, Tabs } from "./tabs.ts";

/** A change of a page, as its recorder says it. */
export type PageChange = Extract<BrowserEvent, { type: "mirror" }>;

/** Who wants to know what happens in a browser. */
export interface StationSide {
  /** Its person did something that others follow. */
  did(input: Input): void;
  pointed(at: ElementPoint): void;
  /** A page was opened, closed or left, or another is looked at. */
  pages(list: TabList): void;
  mirror(change: PageChange): void;
  browser(state: "gone" | "back"): void;
  /** Events are missing. */
  lost(): void;
}

/** What became of something that was to be done in a browser. */
export type Applied = { readonly path: string | undefined } | { readonly why: Refusal };

/** Longer than an event or an input is on its way between browser and here. */
const CONTEST_MS = 500;
/** How long a pointer's move may wait: what is clicked there must not come after it. */
const POINTER_MS = 25;

/** A browser that follows what others do, in their sequence, and tells what its person does. */
export class Station {
  readonly #browser: BrowserSession;
  readonly #side: StationSide;
  readonly #tabs = new Tabs();
  /** A page that is loaded, which all that comes later has to wait for. */
  #loading: Promise<unknown> | undefined;
  /** When fields were written from elsewhere. */
  readonly #written = new Map<string, number>();
  #pointed: ElementPoint | undefined;
  #pointing: ReturnType<typeof setTimeout> | undefined;

  constructor(browser: BrowserSession, side: StationSide) {
    this.#browser = browser;
    this.#side = side;
  }

  get pages(): TabList {
    return this.#tabs.list;
  }

  /** Whether what was done a moment ago may open a page. */
  get mayOpenPages(): boolean {
    return this.#tabs.mayOpen(performance.now());
  }

  get browser(): BrowserSession {
    return this.#browser;
  }

  /** Where the page was opened that is looked at: that is not told any more. */
  beginsAt(url: string): void {
    this.#tabs.arrived(this.#tabs.active, url, performance.now());
  }

  /** Tells what happens there, until its session ends. */
  async watch(): Promise<void> {
    try {
      for await (const event of this.#browser.events()) {
        if (event.type === "closed") return;
        this.#hear(event);
      }
    } finally {
      clearTimeout(this.#pointing);
    }
  }

  /** Does what somebody elsewhere did. The browser itself keeps the sequence, but for pages. */
  apply(input: Input): Promise<Applied> {
    const done = this.#loading ? this.#loading.then(() => this.#apply(input)) : this.#apply(input);
    if (input.type !== "navigation") return done;
    const loading = done.finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    this.#loading = loading;
    return done;
  }

  /** Brings the browser to another one's state; what is so already is left as it is. */
  async restore(inputs: readonly Input[]): Promise<void> {
    for (const input of inputs) {
      if (input.type !== "navigation" || input.url === this.#tabs.url(input.tab)) continue;
      await this.apply(input);
    }
    const here: unknown[] = await this.#browser.state().catch(() => []);
    const isSo = new Set(here.filter(browserInput).map(comparable));
    for (const input of inputs) {
      if (input.type !== "navigation" && !isSo.has(comparable(input))) await this.apply(input);
    }
  }

  async #apply(input: Input): Promise<Applied> {
    const now = performance.now();
    if (input.type === "click" || input.type === "key") this.#tabs.caused(input.tab, now);
    const field = fieldOf(input);
    if (field !== undefined) this.#written.set(field, now);
    try {
      if (input.type === "navigation") {
        const { url, tab } = input;
        if (await this.#tabs.gate(tab)?.mustLoad(url, now) ?? true) {
          await this.#browser.navigate(url, tab === undefined ? {} : { tab });
        }
        return { path: undefined };
      }
      const { applied, path, why } = await this.#browser.apply(input);
      if (applied) return { path };
      return { why: why === "masked" || why === "refused" ? why : "gone" };
    } catch {
      // What the browser's grant does not allow, or a browser that is gone.
      return { why: "refused" };
    }
  }

  #point(at: ElementPoint): void {
    this.#pointed = at;
    this.#pointing ??= setTimeout(() => {
      this.#pointing = undefined;
      this.#side.pointed(this.#pointed!);
    }, POINTER_MS);
  }

  #hear(event: BrowserEvent): void {
    switch (event.type) {
      case "mirror":
        return this.#side.mirror(event);
      case "browser":
        return this.#side.browser(event.state);
      case "lost":
        return this.#side.lost();
      case "pointer":
        if (elementPoint(event.point)) this.#point(event.point);
        return;
      case "tab":
        this.#hearOfTab(event);
        return this.#side.pages(this.pages);
      case "navigation":
        for (const field of this.#written.keys()) {
          if (isOfTab(field, event.tab)) this.#written.delete(field);
        }
        this.#tabs.arrived(event.tab, event.url, performance.now());
        this.#side.pages(this.pages);
    }
    const input = captured(event);
    if (!input) return;
    if (this.#isContested(input)) void this.apply(input);
    this.#side.did(input);
  }

  #hearOfTab({ action, tab, url }: Extract<BrowserEvent, { type: "tab" }>): void {
    if (action === "opened") this.#tabs.opened(tab, url);
    else if (action === "closed") this.#tabs.closed(tab);
    else this.#tabs.looksAt(tab);
  }

  /**
   * Whether what the person typed may lie below what was written there from elsewhere meanwhile: it
   * counts as the later one, so it must also be what stands there.
   */
  #isContested(input: Input): boolean {
    const field = fieldOf(input);
    const at = field === undefined ? undefined : this.#written.get(field);
    return at !== undefined && performance.now() - at < CONTEST_MS;
  }
}

/** What of an input two browsers with the same page say alike: not its node, and no caret. */
function comparable(input: Input): string {
  const element = "element" in input && input.element;
  const path = element && "path" in element ? element.path : undefined;
  return JSON.stringify({ ...input, element: path, selection: undefined, tab: input.tab });
}
