import type { CdpLink } from "./cdp/link.ts";

/**
 * Who has a page go elsewhere: the page, by itself or as somebody did something in it; this agent; or
 * the person, by what the browser has around the page.
 */
export type Driver = "page" | "agent" | "person";

/** What the DevTools protocol calls going back and forth, which a page can do without a word. */
const IN_HISTORY = /^(?:history|restore)/;

/** Tells who had a page go where it is now, by what its browser says on the way. */
export class Departures {
  #isAgents = false;
  #isPages = false;
  #last: { loader: string | undefined; by: Driver } | undefined;
  #to = "about:blank";
  #loader = "";

  /** Where the page was going last. */
  get to(): string {
    return this.#to;
  }

  /**
   * Where a document's loading began; it may have been sent on since.
   *
   * @param loader Of the document.
   */
  beginOf(loader: string): string | undefined {
    return loader === this.#loader ? this.#to : undefined;
  }

  /**
   * @param isPage Whether a frame is the page itself.
   * @param leaves Called when the page is on its way.
   */
  follow(
    link: CdpLink,
    session: string,
    isPage: (frame: string) => boolean,
    leaves: () => void,
  ): void {
    link.on("Page.frameRequestedNavigation", ({ frameId, disposition }) => {
      if (isPage(frameId) && disposition === "currentTab") this.#isPages = true;
    }, session);
    link.on("Page.frameStartedNavigating", ({ frameId, loaderId, navigationType, url }) => {
      if (!isPage(frameId)) return;
      this.#to = url;
      this.#loader = loaderId;
      this.#started(loaderId, navigationType);
      leaves();
    }, session);
  }

  /** This agent has the page go somewhere. */
  send(): void {
    this.#isAgents = true;
  }

  /** It did not go. */
  stay(): void {
    this.#isAgents = false;
  }

  /** @param loader Of the document; nothing where it is another place in the same one. */
  arrived(loader?: string): Driver {
    const last = this.#last;
    if (!last || last.loader !== loader) return "page";
    this.#last = undefined;
    return last.by;
  }

  #started(loader: string, type: string): void {
    const isPages = this.#isPages || IN_HISTORY.test(type);
    const by = isPages ? "page" : this.#isAgents ? "agent" : "person";
    this.#isPages = false;
    if (by === "agent") this.#isAgents = false;
    this.#last = { loader: type === "sameDocument" ? undefined : loader, by };
  }
}
