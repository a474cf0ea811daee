import type { BrowserEvent, BrowserSession } from "writ";
import { browserInput, type ElementPoint, elementPoint, type Input } from "../wire/input.ts";
import type { Refusal } from "../wire/host_message.ts";
import { captured } from "./captured.ts";
import { Pace } from "./pace.ts";
import { Turns } from "./turns.ts";
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

/**
 * What became of something that was to be done in a browser. What is overtaken has no effect and
 * needs none: what the person there did meanwhile counts for all, and is told by itself.
 */
export type Applied =
  | { readonly path: string | undefined }
  | { readonly why: Refusal | "overtaken" };
const OVERTAKEN: Applied = { why: "overtaken" };
const REVOKED: Applied = { why: "no_control" };
/** What a browser is asked at the same time: more could not be held back any more. */
const AT_ONCE = 8;
/** How long a pointer's move may wait: what is clicked there must not come after it. */
const POINTER_MS = 25;

interface Asked {
  readonly seen?: number;
  readonly isAllowed?: () => boolean;
}
const always = () => true;

/** A browser that follows what others do, in their sequence, and tells what its person does. */
export class Station {
  readonly #browser: BrowserSession;
  readonly #side: StationSide;
  readonly #tabs = new Tabs();
  readonly #pace = new Pace();
  readonly #turns = new Turns(AT_ONCE);
  /** A page that is loaded, which all that comes later has to wait for. */
  #loading: Promise<unknown> | undefined;
  /** The number of the last event that came from the browser. */
  #seen = 0;
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
        this.#seen = event.n;
        this.#hear(event);
      }
    } finally {
      clearTimeout(this.#pointing);
    }
  }

  /**
   * Does what somebody elsewhere did. The browser itself keeps the sequence, but for pages.
   *
   * @param seen What was heard of the browser when this was decided.
   * @param isAllowed Asked once its turn has come.
   */
  apply(input: Input, { seen = this.#seen, isAllowed = always }: Asked = {}): Promise<Applied> {
    const isNavigation = input.type === "navigation";
    const isDue = this.#pace.enter(input.tab ?? this.#tabs.active, isNavigation);
    const act = () =>
      this.#turns.take(async () =>
        !isDue() ? OVERTAKEN : isAllowed() ? await this.#apply(input, seen, isAllowed) : REVOKED
      );
    const done = this.#loading ? this.#loading.then(act) : act();
    if (!isNavigation) return done;
    const loading = done.finally(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    this.#loading = loading;
    return done;
  }

  /** Brings the browser to another one's state; what is so already is left as it is. */
  async restore(inputs: readonly Input[]): Promise<void> {
    const seen = this.#seen;
    for (const input of inputs) {
      if (input.type !== "navigation" || input.url === this.#tabs.url(input.tab)) continue;
      await this.apply(input);
    }
    const isSo = new Set((await this.state().catch(() => [])).map(comparable));
    for (const input of inputs) {
      if (input.type !== "navigation" && !isSo.has(comparable(input))) {
        await this.apply(input, { seen });
      }
    }
  }

  /** What brings another browser to where this one is, with all that was to be done here before. */
  async state(): Promise<Input[]> {
    await this.#loading;
    const state: unknown[] = await this.#browser.state();
    return state.filter(browserInput);
  }

  async #apply(input: Input, seen: number, isAllowed: () => boolean): Promise<Applied> {
    const now = performance.now();
    if (input.type === "click" || input.type === "key") this.#tabs.caused(input.tab, now);
    try {
      if (input.type === "navigation") {
        const { url, tab } = input;
        const mustLoad = await this.#tabs.gate(tab)?.mustLoad(url, now) ?? true;
        if (!isAllowed()) return REVOKED;
        if (mustLoad) {
          await this.#browser.navigate(url, tab === undefined ? {} : { tab });
        }
        return { path: undefined };
      }
      const { applied, path, why } = await this.#browser.apply(input, { seen });
      if (applied) return { path };
      return { why: why === undefined || why === "hidden" ? "gone" : why };
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
        this.#tabs.arrived(event.tab, event.url, performance.now());
        this.#side.pages(this.pages);
    }
    const input = captured(event);
    if (input) this.#side.did(input);
  }

  #hearOfTab({ action, tab, url }: Extract<BrowserEvent, { type: "tab" }>): void {
    if (action === "active") this.#tabs.looksAt(tab);
    else if (action === "opened") this.#tabs.opened(tab, url);
    else {
      this.#tabs.closed(tab);
      this.#pace.leave(tab);
    }
  }
}

/** What of an input two browsers with the same page say alike: not its node, and no caret. */
function comparable(input: Input): string {
  const element = "element" in input && input.element;
  const path = element && "path" in element ? element.path : undefined;
  return JSON.stringify({ ...input, element: path, selection: undefined, tab: input.tab });
}
