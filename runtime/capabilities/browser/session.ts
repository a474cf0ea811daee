import type { BrowserSettings } from "../../core/documents/browser.ts";
import { Appearance } from "./appearance.ts";
import { type Applied, GONE } from "./apply.ts";
import { Attendance } from "./attendance.ts";
import { Audience } from "./audience.ts";
import type { Refused } from "./gate.ts";
import type { Input } from "./inputs.ts";
import type { EnginePages, OpenPage, Size, TakePopup } from "./pages.ts";
import { Place } from "./place.ts";
import { Places } from "./places.ts";
import { ShownUrls } from "./shown_urls.ts";
import { Sight } from "./sight.ts";
import { requireSite, type Sites } from "./sites.ts";
import { Snapshots } from "./snapshots.ts";
import type { Tab, TabEvents } from "./tab.ts";

/** Opens the pages of a session. */
export type Pages = Pick<EnginePages, "open" | "close" | "activate">;

/** Several pages that are seen and driven together, over as many lives of the browser as it takes. */
export class Session {
  readonly id = crypto.randomUUID();
  readonly #sites: Sites;
  readonly #pages: Pages;
  readonly #size: Size | undefined;
  readonly #places: Places;
  readonly appearance: Appearance;
  /** All who follow what happens. */
  readonly audience = new Audience();
  readonly #urls = new ShownUrls();
  readonly #closed = Promise.withResolvers<void>();
  #mirror: string | undefined;
  readonly #sight = new Sight();
  #over = false;
  readonly #attendance = new Attendance(() => void this.close());
  readonly #snapshots = new Snapshots();

  constructor(settings: BrowserSettings, pages: Pages, size: Size | undefined) {
    this.#sites = settings;
    this.#pages = pages;
    this.#size = size;
    this.#places = new Places(settings.window !== undefined || settings.attach !== undefined);
    this.appearance = new Appearance(this.#places);
  }

  /** Resolves when it was closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** A run or request that uses it; when the last is over, it is closed after a while. */
  usedBy(signal: AbortSignal): void {
    this.#attendance.add(signal);
  }

  get shown() {
    const place = this.#places.get(this.#places.active);
    return {
      id: this.id,
      url: this.#urls.of(place?.url ?? ""),
      state: place?.page ? "open" : "gone",
    };
  }

  /** Opens another page. */
  async open(url: string): Promise<number> {
    requireSite(this.#sites, url);
    const number = await this.#add(url);
    await this.#places.require(number).load();
    return number;
  }

  /** @param to A URL, or `back`, `forward`, `reload`. */
  async navigate(to: string, number = this.#places.active): Promise<void> {
    const place = this.#places.require(number);
    if (!["back", "forward", "reload"].includes(to)) requireSite(this.#sites, to);
    await place.navigate(to);
  }

  /** As {@linkcode Place.apply}, in the page that it is of. */
  async apply(input: Input, seen?: number): Promise<Applied> {
    if (input.type === "navigation") {
      await this.navigate(input.url, input.tab);
      return { applied: true };
    }
    if (input.type === "tab") return await this.#applyTab(input.tab, input.action);
    const { tab: number = this.#places.active, ...rest } = input;
    return await this.#places.get(number)?.apply(rest as typeof input, seen) ?? GONE;
  }

  async state(): Promise<unknown[]> {
    const all = await Promise.all(this.#places.entries.map(async ([tab, place]) => [
      { type: "navigation", url: this.#urls.of(place.url), tab },
      ...(await place.state()).map((input) => ({ ...input, tab })),
    ]));
    return all.flat();
  }

  /**
   * @param mirror What has the page's content recorded.
   * @param most Characters of its JSON.
   */
  async snapshot(mirror: string, most?: number) {
    this.#mirror = mirror;
    const { tab } = this.#places.require(this.#places.active);
    await tab.mirror(mirror);
    const { events, n } = await this.#snapshots.take(tab, most);
    return { about: { url: this.#urls.of(tab.url), document: tab.document, n }, events };
  }

  async draw(kind: "pointer" | "frame", id: string, at: object | null, look: object) {
    await this.#places.require(this.#places.active).tab.ask("draw", kind, id, at, look);
  }

  /** The page that is looked at. */
  get tab(): Tab | undefined {
    return this.#places.get(this.#places.active)?.page?.tab;
  }

  /** Whether one of its pages opened another. */
  has(target: string): boolean {
    return this.#places.numberOf(target) !== undefined;
  }

  /** Takes in a page that one of its own has opened. */
  async adopt(take: TakePopup): Promise<void> {
    await this.#add("about:blank", take);
  }

  /** A page was closed, by its script or by the person. */
  async dropped(target: string): Promise<void> {
    const number = this.#places.numberOf(target);
    if (number === undefined) return;
    const { url } = this.#places.require(number);
    this.#places.delete(number);
    this.#tell({ type: "tab", action: "closed", url: this.#urls.of(url) }, number);
    const { last, active } = this.#places;
    if (last === undefined) await this.close();
    else if (active === number) this.#lookAt(last);
  }

  /** The browser is gone, and every page with it. */
  lose(): void {
    for (const [, place] of this.#places.entries) place.page = undefined;
    this.#tell({ type: "browser", state: "gone" });
  }

  /** Opens the pages anew, in a browser that was started again. */
  async recover(): Promise<void> {
    for (const [number, place] of this.#places.entries) {
      if (!place.page) await this.#reopen(number, place);
    }
    await this.#bringForward(this.#places.get(this.#places.active)?.page);
    this.#tell({ type: "browser", state: "back" });
    this.appearance.moved();
  }

  refused({ why, origin }: Refused, number = this.#places.active): void {
    this.#tell({ type: "refused", why, origin }, number);
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#attendance.end();
    const { pages } = this.#places;
    this.#places.clear();
    this.#tell({ type: "closed" });
    this.audience.end();
    this.#closed.resolve();
    await Promise.all(pages.map((page) => this.#pages.close(page).catch(() => {})));
  }

  async #add(url: string, take?: TakePopup): Promise<number> {
    const place = new Place(url);
    const number = this.#places.add(place);
    try {
      const events = this.#eventsOf(number);
      place.page = take
        ? await take(events, this.appearance.looks)
        : await this.#pages.open(events, this.appearance.looks, this.#size);
    } catch (error) {
      this.#places.delete(number);
      throw error;
    }
    this.#places.lookAt(number);
    this.appearance.moved();
    if (this.#mirror !== undefined) await place.page.tab.mirror(this.#mirror);
    // A page that another one opened may be elsewhere by now, and has told so before it was known.
    this.#tell({ type: "tab", action: "opened", url: this.#urls.of(place.url) }, number);
    return number;
  }

  async #applyTab(number: number, action: "active" | "close"): Promise<Applied> {
    const page = this.#places.get(number)?.page;
    if (!page) return GONE;
    if (action === "active") this.#lookAt(number);
    await (action === "active" ? this.#bringForward(page) : this.#pages.close(page));
    return { applied: true };
  }

  /** Another page is the one that is looked at. */
  #lookAt(number: number, isThere = false): void {
    if (this.#places.active === number) return;
    this.#places.lookAt(number, isThere);
    this.#sight.turned();
    this.appearance.moved();
    const { url } = this.#places.require(number);
    this.#tell({ type: "tab", action: "active", url: this.#urls.of(url) }, number);
  }

  async #bringForward(page: OpenPage | undefined): Promise<void> {
    if (page) await this.#sight.bring(this.#pages.activate(page));
  }

  /** A page has come in sight, by the person or as it was brought there from here a moment before. */
  async #shown(number: number): Promise<void> {
    const tabOf = () => this.#places.get(number)?.page?.tab;
    if (await this.#sight.has(tabOf)) this.#lookAt(number);
  }

  #eventsOf(number: number): TabEvents {
    return {
      event: (event) => this.#take(number, event),
      leaves: () => this.#places.get(number)?.leaves(),
      navigation: (event) => this.#navigated(number, event),
      refused: (refused) => this.refused(refused, number),
      shown: () => void this.#shown(number).catch(() => {}),
      maskedName: (name) => this.#urls.addName(name),
      masked: (url, shown) => this.#urls.add(url, shown),
      maskedIn: (url) => this.#urls.maskedIn(url),
      crashed: (to) => void this.#crashed(number, to).catch(() => {}),
    };
  }

  #take(number: number, event: Record<string, unknown>): void {
    const place = this.#places.get(number);
    if (!place) return;
    if (event.type === "snapshot") {
      return this.#snapshots.noteMoment(String(event.token), this.audience.n);
    }
    if (!NOT_DONE.has(String(event.type))) {
      place.touched();
      // Where the person does something is where they look.
      this.#lookAt(number, true);
    }
    const { deed, ...told } = event;
    this.#tell(told, number);
    if (deed !== undefined) place.heard(this.audience.n, Number(deed));
  }

  #navigated(number: number, { url: to, document, by }: Parameters<TabEvents["navigation"]>[0]) {
    const place = this.#places.get(number);
    if (!place || to === "about:blank") return;
    const applied = place.arrived(to, by);
    const url = this.#urls.of(to);
    const told = { type: "navigation", url, document, applied };
    this.#tell({ ...told, ...(url === to ? {} : { masked: true }) }, number);
  }

  /**
   * A page's process died, by what it did or what it took.
   *
   * @param to Where it was going as it came to hang: it goes there in another page.
   */
  async #crashed(number: number, to?: string): Promise<void> {
    const place = this.#places.get(number);
    if (!place?.page) return;
    this.#tell({ type: "browser", state: "gone" }, number);
    const again = place.failed();
    if (to === undefined) await place.revive(again);
    else await this.#replace(number, place, place.page, again ? to : "about:blank");
    if (again) this.#tell({ type: "browser", state: "back" }, number);
    else this.refused({ why: "too_many", origin: "" }, number);
  }

  async #replace(number: number, place: Place, page: OpenPage, to: string): Promise<void> {
    place.page = undefined;
    place.url = to;
    await this.#pages.close(page);
    await this.#reopen(number, place);
    this.appearance.moved();
  }

  async #reopen(number: number, place: Place): Promise<void> {
    const page = await this.#pages.open(this.#eventsOf(number), this.appearance.looks, this.#size);
    const isWanted = this.#places.get(number) === place && !place.page;
    if (!isWanted) return await this.#pages.close(page);
    await place.moveInto(page, this.#mirror);
    this.#places.lookAt(this.#places.active);
  }

  #tell(event: Record<string, unknown>, tab = this.#places.active): void {
    this.audience.tell(event, tab);
  }
}

/** What a page tells without anybody's doing anything in it. */
const NOT_DONE = new Set(["mirror", "pointer", "viewport", "lost"]);
