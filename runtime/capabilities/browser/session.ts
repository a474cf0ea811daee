import { CapabilityError } from "../../sandbox/mod.ts";
import { type Applied, applyInput } from "./apply.ts";
import type { Refused } from "./gate.ts";
import type { Input } from "./inputs.ts";
import { Listener } from "./listener.ts";
import type { Looks } from "./page/source.ts";
import type { EnginePages, OpenPage, Size, TakePopup } from "./pages.ts";
import { refuseSite, type Sites } from "./sites.ts";
import type { Tab, TabEvents } from "./tab.ts";
import { redactUrl } from "./redact_url.ts";

/** How long what was applied may have a page go elsewhere. */
const CONSEQUENCE_MS = 5_000;
/** A snapshot's JSON. */
const MAX_SNAPSHOT_CHARACTERS = 16_000_000;
/** How long it stays when nobody uses it. */
const UNUSED_MS = 60_000;
/** Inputs that may wait for a page at the same time. */
const MAX_WAITING = 256;

/** Opens the pages of a session. */
export type Pages = Pick<EnginePages, "open" | "close" | "activate">;

interface Place {
  page: OpenPage | undefined;
  /** Where it is, for when the browser has to be started again. */
  url: string;
  appliedAt: number;
  localAt: number;
  turn: Promise<unknown>;
  waiting: number;
}

/** Several pages that are seen and driven together, over as many lives of the browser as it takes. */
export class Session {
  readonly id = crypto.randomUUID();
  readonly #sites: Sites;
  readonly #pages: Pages;
  readonly #size: Size | undefined;
  readonly #places = new Map<number, Place>();
  readonly #listeners = new Map<string, Listener>();
  readonly #maskedNames = new Set<string>();
  readonly #closed = Promise.withResolvers<void>();
  #looks: Looks = { sign: "", boxed: false };
  #mirror: string | undefined;
  #active = 0;
  #lastTab = 0;
  #n = 0;
  #over = false;
  readonly #watchers = new Set<object>();
  readonly #users = new Set<AbortSignal>();
  #unused: ReturnType<typeof setTimeout> | undefined;

  constructor(sites: Sites, pages: Pages, size: Size | undefined) {
    this.#sites = sites;
    this.#pages = pages;
    this.#size = size;
  }

  /** Resolves when it was closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** A run or request that uses it; when the last is over, it is closed after a while. */
  usedBy(signal: AbortSignal): void {
    if (this.#users.has(signal) || signal.aborted) return;
    clearTimeout(this.#unused);
    this.#users.add(signal);
    signal.addEventListener("abort", () => {
      this.#users.delete(signal);
      if (this.#users.size > 0 || this.#over) return;
      this.#unused = setTimeout(() => this.close(), UNUSED_MS);
    }, { once: true });
  }

  get shown() {
    const place = this.#places.get(this.#active);
    return {
      id: this.id,
      url: this.#redact(place?.url ?? ""),
      state: place?.page ? "open" : "gone",
    };
  }

  /** Opens another page. */
  async open(url: string): Promise<number> {
    this.requireSite(url);
    const number = await this.#add(url);
    const place = this.#place(number);
    place.appliedAt = Date.now();
    requireOpened(await place.page!.tab.load(url));
    return number;
  }

  /** @param to A URL, or `back`, `forward`, `reload`. */
  async navigate(to: string, number = this.#active): Promise<void> {
    const place = this.#place(number);
    const tab = place.page?.tab;
    if (!tab) throw new CapabilityError("unavailable", "Cannot go there as the browser is gone");
    place.appliedAt = Date.now();
    if (to === "back" || to === "forward") return await tab.step(to === "back" ? -1 : 1);
    if (to === "reload") return void await tab.send("Page.reload");
    this.requireSite(to);
    requireOpened(await tab.navigate(to));
    // Told by the page itself a moment later; it may die before.
    place.url = to;
  }

  /** One after another in each page, in the sequence of the calls. */
  async apply(input: Input): Promise<Applied> {
    if (input.type === "navigation") {
      await this.navigate(input.url, input.tab);
      return { applied: true };
    }
    if (input.type === "tab") return await this.#applyTab(input.tab, input.action);
    const { tab: number = this.#active, ...rest } = input;
    const place = this.#places.get(number);
    if (!place?.page) return { applied: false, why: "gone" };
    if (place.waiting >= MAX_WAITING) return { applied: false, why: "refused" };
    place.waiting++;
    const turn = place.turn.then(() => {
      // Moves lead nowhere.
      if (input.type !== "pointer") place.appliedAt = Date.now();
      return place.page ? applyInput(place.page.tab, rest as typeof input) : GONE;
    });
    place.turn = turn.catch(() => {});
    try {
      return await turn;
    } catch {
      return GONE;
    } finally {
      place.waiting--;
    }
  }

  /** Begins to tell somebody what happens. */
  listen(): string {
    const id = crypto.randomUUID();
    this.#listeners.set(id, new Listener());
    return id;
  }

  listener(id: string): Listener | undefined {
    return this.#listeners.get(id);
  }

  unlisten(id: string): void {
    this.#listeners.get(id)?.end();
    this.#listeners.delete(id);
  }

  /** What a listener that was too slow is told. */
  get lost(): string {
    return JSON.stringify({ n: this.#n, at: Date.now(), tab: this.#active, type: "lost" });
  }

  async state(): Promise<unknown[]> {
    const all = await Promise.all([...this.#places].map(async ([tab, { page, url }]) => [
      { type: "navigation", url: this.#redact(url), tab },
      ...(await page?.tab.ask<object[]>("stateOfPage") ?? []).map((input) => ({ ...input, tab })),
    ]));
    return all.flat();
  }

  /** @param mirror What has the page's content recorded. */
  async snapshot(mirror: string) {
    this.#mirror = mirror;
    const tab = this.#tab();
    await tab.mirror(mirror);
    const events = await tab.ask<string>("snapshot");
    if (events === undefined) {
      throw new CapabilityError("unavailable", "Cannot take a snapshot as no page is there yet");
    }
    if (events.length > MAX_SNAPSHOT_CHARACTERS) {
      throw new CapabilityError("too_long", "Cannot take a snapshot as the page is too large");
    }
    const about = { url: this.#redact(tab.url), document: tab.document, n: this.#n };
    return `${JSON.stringify(about).slice(0, -1)},"events":${events}}`;
  }

  async draw(kind: "pointer" | "frame", id: string, at: object | null, look: object) {
    await this.#tab().ask("draw", kind, id, at, look);
  }

  /** @param looks What of them changes. */
  async look(looks: Partial<Looks>): Promise<void> {
    this.#looks = { ...this.#looks, ...looks };
    await Promise.all(
      [...this.#places.values()].map(({ page }) => page?.tab.look(this.#looks)),
    );
  }

  /** Covers what is unseen for as long as somebody takes pictures. */
  async box(who: object, on: boolean): Promise<void> {
    if (on) this.#watchers.add(who);
    else this.#watchers.delete(who);
    if (this.#looks.boxed !== this.#watchers.size > 0) {
      await this.look({ boxed: !this.#looks.boxed });
    }
  }

  /** The page that is looked at. */
  get tab(): Tab | undefined {
    return this.#places.get(this.#active)?.page?.tab;
  }

  /** Whether one of its pages opened another. */
  has(target: string): boolean {
    return this.#numberOf(target) !== undefined;
  }

  /** Takes in a page that one of its own has opened. */
  async adopt(take: TakePopup): Promise<void> {
    await this.#add("about:blank", take);
  }

  /** A page was closed, by its script or by the person. */
  async dropped(target: string): Promise<void> {
    const number = this.#numberOf(target);
    if (number === undefined) return;
    const url = this.#place(number).url;
    this.#places.delete(number);
    this.#tell({ type: "tab", action: "closed", url: this.#redact(url) }, number);
    if (this.#active === number) this.#active = [...this.#places.keys()].at(-1) ?? 0;
    if (this.#places.size === 0) await this.close();
  }

  /** The browser is gone, and every page with it. */
  lose(): void {
    for (const place of this.#places.values()) place.page = undefined;
    this.#tell({ type: "browser", state: "gone" });
  }

  /** Opens the pages anew, in a browser that was started again. */
  async recover(): Promise<void> {
    for (const [number, place] of this.#places) {
      place.page = await this.#pages.open(this.#eventsOf(number), this.#looks, this.#size);
      if (this.#mirror !== undefined) await place.page.tab.mirror(this.#mirror);
      place.appliedAt = Date.now();
      if (place.url !== "about:blank") await place.page.tab.navigate(place.url).catch(() => {});
    }
    this.#tell({ type: "browser", state: "back" });
  }

  refused({ why, origin }: Refused, number = this.#active): void {
    this.#tell({ type: "refused", why, origin }, number);
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#unused);
    const pages = [...this.#places.values()].flatMap(({ page }) => page ?? []);
    this.#places.clear();
    this.#tell({ type: "closed" });
    for (const id of this.#listeners.keys()) this.#listeners.get(id)?.end();
    this.#closed.resolve();
    await Promise.all(pages.map((page) => this.#pages.close(page).catch(() => {})));
  }

  async #add(
    url: string,
    take?: TakePopup,
  ): Promise<number> {
    const number = ++this.#lastTab;
    const place: Place = {
      page: undefined,
      url,
      appliedAt: -Infinity,
      localAt: -Infinity,
      turn: Promise.resolve(),
      waiting: 0,
    };
    this.#places.set(number, place);
    try {
      const events = this.#eventsOf(number);
      place.page = take
        ? await take(events, this.#looks)
        : await this.#pages.open(events, this.#looks, this.#size);
    } catch (error) {
      this.#places.delete(number);
      throw error;
    }
    this.#active = number;
    if (this.#mirror !== undefined) await place.page.tab.mirror(this.#mirror);
    this.#tell({ type: "tab", action: "opened", url: this.#redact(url) }, number);
    return number;
  }

  async #applyTab(number: number, action: "active" | "close"): Promise<Applied> {
    const page = this.#places.get(number)?.page;
    if (!page) return GONE;
    if (action === "close") {
      await this.#pages.close(page);
    } else {
      this.#active = number;
      await this.#pages.activate(page);
    }
    return { applied: true };
  }

  #eventsOf(number: number): TabEvents {
    return {
      event: (event) => this.#take(number, event),
      navigation: (event) => this.#navigated(number, event),
      refused: (refused) => this.refused(refused, number),
      maskedName: (name) => this.#maskedNames.add(name),
      crashed: () => this.#crashed(number),
    };
  }

  #take(number: number, event: Record<string, unknown>): void {
    const place = this.#places.get(number);
    if (!place) return;
    if (event.type !== "mirror" && event.type !== "pointer") place.localAt = Date.now();
    this.#tell(event, number);
  }

  #navigated(number: number, event: { url: string; document: string }): void {
    const place = this.#places.get(number);
    if (!place || event.url === "about:blank") return;
    place.url = event.url;
    const url = this.#redact(event.url);
    const applied = place.appliedAt > place.localAt &&
      Date.now() - place.appliedAt < CONSEQUENCE_MS;
    const masked = url === event.url ? {} : { masked: true };
    const { document } = event;
    this.#tell({ type: "navigation", url, title: "", document, applied, ...masked }, number);
  }

  /** Its process died: the page is loaded again. */
  #crashed(number: number): void {
    const place = this.#places.get(number);
    if (!place?.page) return;
    this.#tell({ type: "browser", state: "gone" }, number);
    place.appliedAt = Date.now();
    place.page.tab.send("Page.reload").then(() => {
      this.#tell({ type: "browser", state: "back" }, number);
    }).catch(() => {});
  }

  #tell(event: Record<string, unknown>, tab = this.#active): void {
    const text = JSON.stringify({ n: ++this.#n, at: Date.now(), tab, ...event });
    for (const listener of this.#listeners.values()) listener.push(text);
  }

  #place(number: number): Place {
    const place = this.#places.get(number);
    if (place) return place;
    throw new CapabilityError("not_found", `Cannot do this as there is no page ${number}`);
  }

  #tab(): Tab {
    const { tab } = this;
    if (tab) return tab;
    throw new CapabilityError("unavailable", "Cannot do this as the browser is gone");
  }

  #numberOf(target: string): number | undefined {
    for (const [number, { page }] of this.#places) if (page?.target === target) return number;
    return undefined;
  }

  /** @throws {CapabilityError} not_granted – it is no page of the grant */
  requireSite(url: string): void {
    const why = refuseSite(this.#sites, url);
    if (why === undefined) return;
    throw new CapabilityError("not_granted", `Cannot open the page as ${SITE_WORDS[why]}`);
  }

  #redact(url: string): string {
    return redactUrl(url, this.#maskedNames);
  }
}

const GONE: Applied = { applied: false, why: "gone" };

/** @param failure Of Chromium's; one that another navigation has overtaken is none. */
function requireOpened(failure: string | undefined): void {
  if (failure === undefined || failure === "net::ERR_ABORTED") return;
  throw new CapabilityError("unavailable", `Cannot open the page: ${failure}`);
}

const SITE_WORDS = {
  scheme: "its address is neither http nor https",
  not_listed: "the grant does not list its site",
  denied: "the grant denies its site",
};
