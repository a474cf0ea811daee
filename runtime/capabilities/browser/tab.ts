import type { CdpLink, CommandName, EventName, Params, Result } from "./cdp/link.ts";
import { Departures, type Driver } from "./departures.ts";
import { answerDialogs } from "./dialogs.ts";
import type { Looks, Unseen } from "./page/source.ts";
import type { Refused } from "./gate.ts";
import { Loads } from "./loads.ts";
import { Pictures } from "./pictures.ts";
import { refuseSite, type Sites } from "./sites.ts";
import { confine } from "./walls.ts";
import { Worlds } from "./worlds.ts";

/** Where a window says that it is which has loaded nothing yet. */
const NOWHERE: readonly string[] = ["", ":", "about:blank"];

/** What a page tells, besides what it is asked. All of it was made by our own script in it. */
export interface TabEvents {
  /** An event of the person's, or of the mirror's. */
  event(event: Record<string, unknown>): void;
  /** It is on its way to where it is next. */
  leaves(): void;
  /** A new document, or another place in it. */
  navigation(event: { url: string; document: string; by: Driver }): void;
  refused(refused: Refused): void;
  /** A masked field's name. */
  maskedName(name: string): void;
  /** It has come in sight. */
  shown(): void;
  /** The page goes to an address that tells what stands in a masked field: how it may be shown. */
  masked(url: string, shown: string): void;
  /** What must not be shown of an address, part by part. */
  maskedIn(url: string): readonly string[];
  /**
   * Its process is gone, though the browser is not.
   *
   * @param to The page is there, and hangs for good on its way to this.
   */
  crashed(to?: string): void;
}

/** What a page is opened with. */
export interface TabOptions {
  readonly link: CdpLink;
  /** Chromium's name for it, and so for its frame. */
  readonly target: string;
  /** The link's name for it. */
  readonly session: string;
  readonly sites: Sites;
  readonly unseen: Unseen;
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
  /** Checks the address of a document where no proxy does. */
  readonly checkAddress?: ((url: URL) => Promise<boolean>) | undefined;
  readonly events: TabEvents;
}

/** One page of a session: our script in each of its documents, and walls round what it may load. */
export class Tab {
  readonly #options: TabOptions;
  /** Of the page, for all who take some. */
  readonly pictures: Pictures;
  readonly #worlds: Worlds;
  #url = "about:blank";
  #document = "";
  readonly #departures = new Departures();
  #sentBy: Driver = "page";
  #masksHold = true;
  readonly #loads = new Loads();
  #unknown: readonly string[] = [];
  #warned: Promise<void> = Promise.resolve();

  private constructor(options: TabOptions, looks: Looks) {
    this.#options = options;
    const { link, session, unseen } = options;
    const said = (payload: string) => this.#take(payload);
    this.#worlds = new Worlds({ link, session, unseen, looks, said });
    this.pictures = new Pictures({
      start: (size) => this.send("Page.startScreencast", { format: "jpeg", ...size }),
      stop: () => this.send("Page.stopScreencast"),
      acknowledge: (sessionId) => this.send("Page.screencastFrameAck", { sessionId }),
      coveredSince: () => this.#worlds.coveredSince(),
    });
  }

  /** Puts the walls round a page that has loaded nothing yet. */
  static async open(options: TabOptions, looks: Looks): Promise<Tab> {
    const tab = new Tab(options, looks);
    await tab.#begin();
    return tab;
  }

  get url(): string {
    return this.#url;
  }

  get document(): string {
    return this.#document;
  }

  /** Whether the page's browser understands the admin's selectors. */
  get masksHold(): boolean {
    return this.#masksHold;
  }

  send<Name extends CommandName>(method: Name, params?: Params<Name>): Promise<Result<Name>> {
    return this.#options.link.send(method, params, this.#options.session);
  }

  /**
   * Asks our script in the page.
   *
   * @returns nothing when there is none at the moment, or it does not answer
   */
  async ask<Answer>(name: string, ...args: readonly unknown[]): Promise<Answer | undefined> {
    const text = await this.askText(name, ...args);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** The same, as the JSON that it answers in. */
  async askText(name: string, ...args: readonly unknown[]): Promise<string | undefined> {
    await this.#warned;
    return this.#unknown.length > 0 ? undefined : await this.#worlds.askText(name, ...args);
  }

  /** Opens a page that may be opened, and waits until its content is there, or for so long. */
  async navigate(url: string, ms: number): Promise<string | undefined> {
    this.#departures.send();
    const { errorText, loaderId } = await this.send("Page.navigate", { url });
    if (errorText !== undefined) this.#departures.stay();
    else if (loaderId) await this.#loads.content(ms, (name) => name === loaderId);
    return errorText;
  }

  /** The same with the page that it is at. */
  async reload(ms: number): Promise<void> {
    const before = this.#loads.newest;
    this.#departures.send();
    await this.send("Page.reload");
    await this.#loads.content(ms, (name) => name !== before);
  }

  /** Goes to where the page was, or was going. */
  async step(by: -1 | 1): Promise<void> {
    const { currentIndex, entries } = await this.send("Page.getNavigationHistory");
    const entry = entries[currentIndex + by];
    if (entry) await this.send("Page.navigateToHistoryEntry", { entryId: entry.id });
  }

  /** How its documents look from now on, those that are open too. */
  look(looks: Looks): Promise<void> {
    return this.#worlds.look(looks);
  }

  /** Has the page's content recorded, in this document and all that follow. */
  mirror(source: string): Promise<void> {
    return this.#worlds.mirror(source);
  }

  /** Whether it has the focus, and is in sight, whatever the person has before them. */
  async keepFocus(enabled: boolean): Promise<void> {
    await this.send("Emulation.setFocusEmulationEnabled", { enabled });
  }

  /** Says so where the person is at it, as it cannot by itself where it had the focus all the time. */
  async lookForPerson(): Promise<void> {
    if (await this.ask("hasPerson")) this.#options.events.shown();
  }

  /** Gives the page another size. */
  async resize(width: number, height: number): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: 0, mobile: false };
    await this.send("Emulation.setDeviceMetricsOverride", metrics);
  }

  async #begin(): Promise<void> {
    const { link, session, target, sites, credentials, checkAddress, events } = this.#options;
    this.#worlds.frame = target;
    const isPage = (frame: string) => frame === this.#worlds.frame;
    this.#departures.follow(link, session, isPage, events.leaves);
    this.#on("Page.frameNavigated", ({ frame, type }) => {
      if (frame.parentId !== undefined || frame.unreachableUrl !== undefined) return;
      this.#worlds.frame = frame.id;
      this.#sentBy = this.#departures.arrived(frame.loaderId);
      const isTooMany = this.#loads.begin(frame.loaderId, Date.now());
      const url = frame.url + (frame.urlFragment ?? "");
      this.#begun(this.#departures.beginOf(frame.loaderId) ?? url, url);
      this.#loaded(url, isTooMany, type === "BackForwardCacheRestore");
    });
    this.#on("Page.domContentEventFired", () => this.#loads.parsed());
    this.#on("Page.navigatedWithinDocument", ({ frameId, url }) => {
      if (frameId !== this.#worlds.frame) return;
      this.#url = url;
      this.#told(this.#departures.arrived());
    });
    this.#on("Page.screencastFrame", (picture) => {
      this.pictures.take(picture).catch(() => {});
    });
    this.#on("Inspector.targetCrashed", () => events.crashed());
    answerDialogs(link, session, () => events.crashed(this.#departures.to));
    const walls = { link, sites, credentials, checkAddress, refused: events.refused };
    // All at once, and taken in this sequence: a window without an opener has no process that could
    // answer before it may go on, and then stands at the gate.
    await Promise.all([
      confine(walls, this.#worlds, session),
      this.send("Page.setInterceptFileChooserDialog", { enabled: true }),
      // A page that is loaded ahead, beside this one, would come without walls and masks.
      this.send("Page.setPrerenderingAllowed", { isAllowed: false }),
      this.keepFocus(true),
      link.send("Runtime.runIfWaitingForDebugger", undefined, session),
    ]);
    await this.#catchUp();
  }

  /** A window in a browser that a person has started may be somewhere before anybody listens there. */
  async #catchUp(): Promise<void> {
    const { frameTree: { frame } } = await this.send("Page.getFrameTree");
    const url = frame.url + (frame.urlFragment ?? "");
    if (url === this.#url || NOWHERE.includes(url)) return;
    this.#url = url;
    const refusal = refuseSite(this.#options.sites, url);
    if (refusal) return this.#leave(refusal);
    this.#told("page");
  }

  /** A server may say again what stood in the address that it was asked for, and sends on. */
  #begun(from: string, to: string): void {
    const { events } = this.#options;
    this.#unknown = events.maskedIn(from);
    if (from === to || this.#unknown.length === 0) return;
    events.masked(to, `${URL.parse(to)?.origin ?? ""}/`);
  }

  /** Nothing that the document tells is told before it knows what to leave out. */
  async #warn(): Promise<void> {
    const unknown = this.#unknown;
    const isKnown = await this.#worlds.ask<boolean>("know", unknown);
    // Another document may have begun meanwhile.
    if (!isKnown || this.#unknown !== unknown) return;
    this.#unknown = [];
    await this.#worlds.ask("takeFullSnapshot");
  }

  #told(by: Driver): void {
    this.#options.events.navigation({ url: this.#url, document: this.#document, by });
  }

  #loaded(url: string, isTooMany: boolean, restored: boolean): void {
    this.#url = url;
    const refusal = /^(?:https?:|about:blank$)/.test(url) ? undefined : "scheme";
    if (refusal) return this.#leave(refusal);
    if (isTooMany) return this.#leave("too_many");
    // Others are told by our script as it begins there.
    if (restored) this.#worlds.ask("hello").catch(() => {});
    else this.#worlds.takeOver().catch(() => {});
  }

  /** Goes where nothing is. */
  #leave(why: Refused["why"]): void {
    this.#options.events.refused({ why, origin: URL.parse(this.#url)?.protocol ?? "" });
    this.#loads.forgive();
    this.navigate("about:blank", 0).catch(() => {});
  }

  #take(payload: string): void {
    const { events } = this.#options;
    const event = readEvent(payload);
    if (event.type === "hello") {
      this.#document = String(event.document);
      this.#told(this.#sentBy);
      if (this.#unknown.length > 0) this.#warned = this.#warn();
    } else if (event.type === "bad-masks") {
      this.#masksHold = false;
    } else if (event.type === "shown") {
      events.shown();
    } else if (event.type === "hides-sign") {
      this.#leave("sign");
    } else if (event.type === "masked-name") {
      events.maskedName(String(event.name));
    } else if (event.type === "masked-url") {
      events.masked(String(event.url), String(event.shown));
    } else if (this.#unknown.length === 0) {
      events.event(event);
    }
  }

  #on<Name extends EventName>(
    name: Name,
    handle: Parameters<typeof CdpLink.prototype.on<Name>>[1],
  ): void {
    this.#options.link.on(name, handle, this.#options.session);
  }
}

/** What cannot be read is missing, and said to be. */
function readEvent(payload: string): Record<string, unknown> {
  try {
    return JSON.parse(payload);
  } catch {
    return { type: "lost" };
  }
}
