import { BROWSER_PAGES, type BrowserSettings } from "../../core/documents/browser.ts";
import { within } from "../../core/wait.ts";
import { CapabilityError } from "../../sandbox/mod.ts";
import type { Engine } from "./engine.ts";
import { Gate, type Refused } from "./gate.ts";
import type { Looks } from "./page/source.ts";
import { Tab, type TabEvents } from "./tab.ts";

/** How long the walls may take to stand. */
const WALL_MS = 15_000;

/** A page that was opened. */
export interface OpenPage {
  readonly target: string;
  readonly tab: Tab;
}

/** A page's width and height, pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Who the pages of an engine belong to. */
export interface PageOwner {
  /**
   * A page has opened another.
   *
   * @param take Puts the walls round it; not called, it is closed.
   */
  popup(opener: string, take: TakePopup): Promise<void>;
  /** A page was closed. */
  dropped(target: string): void;
  refused(refused: Refused): void;
}

/** Makes a page that was opened by another one of a session's own. */
export type TakePopup = (events: TabEvents, looks: Looks) => Promise<OpenPage>;

interface Target {
  readonly targetId: string;
  readonly openerId?: string;
}

/** The pages of one life of a browser: each is walled in before it loads anything. */
export class EnginePages {
  readonly #engine: Engine;
  readonly #settings: BrowserSettings;
  readonly #owner: PageOwner;
  /** The link's sessions by page, for those that are being opened. */
  readonly #sessions = new Map<string, PromiseWithResolvers<string>>();
  /** The link's sessions of pages that count, once they have one. */
  readonly #open = new Map<string, string | undefined>();
  /** Pages that are being made, and those that came meanwhile and are perhaps among them. */
  #beginning = 0;
  readonly #unknown = new Set<string>();

  private constructor(engine: Engine, settings: BrowserSettings, owner: PageOwner) {
    this.#engine = engine;
    this.#settings = settings;
    this.#owner = owner;
  }

  static async of(
    engine: Engine,
    settings: BrowserSettings,
    owner: PageOwner,
  ): Promise<EnginePages> {
    const pages = new EnginePages(engine, settings, owner);
    await pages.#begin();
    return pages;
  }

  /** @throws {CapabilityError} quota – the grant allows no more pages */
  async open(events: TabEvents, looks: Looks, size: Size | undefined): Promise<OpenPage> {
    const { link, context } = this.#engine;
    this.#requireRoom();
    this.#beginning++;
    let walled: Promise<OpenPage>;
    try {
      const { targetId } = await link.send("Target.createTarget", {
        url: "about:blank",
        ...(context === undefined ? {} : { browserContextId: context }),
      });
      walled = this.#wall(targetId, events, looks);
    } finally {
      this.#beginning--;
      this.#turnStrangersAway();
    }
    const page = await walled;
    if (size) await page.tab.resize(size.width, size.height);
    return page;
  }

  /** It counts no more from then on. */
  async close({ target }: OpenPage): Promise<void> {
    await this.#engine.link.send("Target.closeTarget", { targetId: target });
    this.#dropped(target);
  }

  async activate({ tab }: OpenPage): Promise<void> {
    await tab.send("Page.bringToFront");
  }

  async #begin(): Promise<void> {
    const { link, context } = this.#engine;
    const isOurs = context !== undefined;
    link.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
      if (targetInfo.type !== "page") return;
      this.#waiting(targetInfo.targetId).resolve(sessionId);
      if (!isOurs || targetInfo.browserContextId !== context) return;
      if (this.#open.has(targetInfo.openerId ?? "")) return this.#opened(targetInfo);
      this.#unknown.add(targetInfo.targetId);
      this.#turnStrangersAway();
    });
    link.on("Target.targetCreated", ({ targetInfo }) => {
      if (!isOurs) this.#opened(targetInfo);
    });
    link.on("Target.targetDestroyed", ({ targetId }) => this.#dropped(targetId));
    const filter = [{ type: "page" }, { exclude: true }];
    await link.send("Target.setDiscoverTargets", { discover: true, filter });
    if (!isOurs) return;
    // A window without an opener, as a click with Ctrl makes it, may begin before it is turned away.
    const { checkAddress } = this.#engine;
    const { urls, deny } = this.#settings;
    const gate = new Gate({
      link,
      sites: { urls, ...(deny ? { deny } : {}) },
      ...(checkAddress && { checkAddress }),
      refused: (refused) => this.#owner.refused(refused),
    });
    await gate.close();
    // Pages that open themselves wait until the walls are up.
    const autoAttach = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true, filter };
    await link.send("Target.setAutoAttach", autoAttach);
  }

  #opened({ targetId, openerId }: Target): void {
    if (openerId === undefined || !this.#open.has(openerId)) return;
    let taken = false;
    const take: TakePopup = async (events, looks) => {
      this.#requireRoom();
      taken = true;
      return await this.#wall(targetId, events, looks);
    };
    this.#owner.popup(openerId, take).catch(() => {}).finally(() => {
      if (!taken) this.#turnAway(targetId).catch(() => {});
    });
  }

  /** Closes the pages that nobody here made, and no page that is walled in opened. */
  #turnStrangersAway(): void {
    if (this.#beginning > 0) return;
    for (const target of this.#unknown) {
      this.#unknown.delete(target);
      if (this.#open.has(target)) continue;
      this.#owner.refused({ why: "popup", origin: "" });
      this.#turnAway(target).catch(() => {});
    }
  }

  /** @throws {CapabilityError} quota */
  #requireRoom(): void {
    const most = this.#settings.pages ?? BROWSER_PAGES.DEFAULT;
    if (this.#open.size + this.#beginning < most) return;
    throw new CapabilityError("quota", `Cannot open a page as ${most} are open already`);
  }

  /**
   * Closes a page that has loaded nothing. Where it waits it is let go first, with every request of
   * its own held: the click that opened it is over only then. One without an opener says nothing to
   * that, as its first request is held.
   */
  async #turnAway(targetId: string): Promise<void> {
    const { link, context } = this.#engine;
    if (context !== undefined) {
      const session = await this.#sessionOf(targetId);
      await link.send("Fetch.enable", { patterns: [{ urlPattern: "*" }] }, session);
      link.send("Runtime.runIfWaitingForDebugger", undefined, session).catch(() => {});
    }
    await link.send("Target.closeTarget", { targetId });
  }

  /** It counts as open from now on, and is closed where the walls do not come to stand. */
  async #wall(target: string, events: TabEvents, looks: Looks): Promise<OpenPage> {
    const { link, credentials, checkAddress } = this.#engine;
    const { urls, deny, mask = [], hide = [] } = this.#settings;
    this.#open.set(target, undefined);
    try {
      const session = await this.#sessionOf(target);
      this.#open.set(target, session);
      const tab = await within(
        WALL_MS,
        Tab.open({
          link,
          target,
          session,
          sites: { urls, ...(deny ? { deny } : {}) },
          unseen: { mask, hide },
          credentials,
          checkAddress,
          events,
        }, looks),
      );
      return { target, tab };
    } catch (error) {
      this.#dropped(target);
      link.send("Target.closeTarget", { targetId: target }).catch(() => {});
      throw error;
    }
  }

  async #sessionOf(targetId: string): Promise<string> {
    if (this.#engine.context !== undefined) return await this.#waiting(targetId).promise;
    const { link } = this.#engine;
    return (await link.send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
  }

  #waiting(targetId: string): PromiseWithResolvers<string> {
    const waiting = this.#sessions.get(targetId) ?? Promise.withResolvers<string>();
    this.#sessions.set(targetId, waiting);
    return waiting;
  }

  #dropped(targetId: string): void {
    const session = this.#open.get(targetId);
    this.#sessions.delete(targetId);
    if (!this.#open.delete(targetId)) return;
    if (session !== undefined) this.#engine.link.forget(session);
    this.#owner.dropped(targetId);
  }
}
