import type { BrowserEvent, BrowserSession } from "writ";
import { type ElementPoint, elementPoint, type Input } from "../wire/input.ts";
import type { Refusal } from "../wire/host_message.ts";
import { captured } from "./captured.ts";
import { NavigationGate } from "./navigation_gate.ts";

/** A change of a page, as its recorder says it. */
export type PageChange = Extract<BrowserEvent, { type: "mirror" }>;

/** Who wants to know what happens in a browser. */
export interface StationSide {
  /** Its person did something that others follow. */
  did(input: Input): void;
  pointed(at: ElementPoint): void;
  page(url: string): void;
  mirror(change: PageChange): void;
  browser(state: "gone" | "back"): void;
  /** Events are missing. */
  lost(): void;
}

/** What became of something that was to be done in a browser. */
export type Applied = { readonly path: string | undefined } | { readonly why: Refusal };

/** A browser that follows what others do, one thing after another, and tells what its person does. */
export class Station {
  readonly #browser: BrowserSession;
  readonly #side: StationSide;
  readonly #gate = new NavigationGate();
  #queue: Promise<unknown> = Promise.resolve();
  #url = "";

  constructor(browser: BrowserSession, side: StationSide) {
    this.#browser = browser;
    this.#side = side;
  }

  get url(): string {
    return this.#url;
  }

  get browser(): BrowserSession {
    return this.#browser;
  }

  /** Tells what happens there, until its session ends. */
  async watch(): Promise<void> {
    for await (const event of this.#browser.events()) {
      if (event.type === "closed") return;
      this.#hear(event);
    }
  }

  /** Does what somebody elsewhere did. */
  apply(input: Input): Promise<Applied> {
    const done = this.#queue.then(() => this.#apply(input));
    this.#queue = done.catch(() => {});
    return done;
  }

  /** Brings the browser to another one's state. */
  async restore(inputs: readonly Input[]): Promise<void> {
    for (const input of inputs) {
      if (input.type === "navigation" && input.url === this.#url) continue;
      await this.apply(input);
    }
  }

  async #apply(input: Input): Promise<Applied> {
    const now = performance.now();
    if (input.type === "click" || input.type === "key") this.#gate.caused(now);
    try {
      if (input.type === "navigation") {
        if (await this.#gate.mustLoad(input.url, now)) await this.#browser.navigate(input.url);
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

  #hear(event: BrowserEvent): void {
    switch (event.type) {
      case "mirror":
        return this.#side.mirror(event);
      case "browser":
        return this.#side.browser(event.state);
      case "lost":
        return this.#side.lost();
      case "pointer":
        if (elementPoint(event.point)) this.#side.pointed(event.point);
        return;
      case "navigation":
        this.#url = event.url;
        this.#gate.arrived(event.url, performance.now());
        this.#side.page(event.url);
    }
    const input = captured(event);
    if (input) this.#side.did(input);
  }
}
