import { CapabilityError } from "../../sandbox/mod.ts";
import { type Applied, applyInput, GONE, type Known, type PageInput } from "./apply.ts";
import { Deeds } from "./deeds.ts";
import type { Driver } from "./departures.ts";
import type { OpenPage } from "./pages.ts";
import type { Tab } from "./tab.ts";

/** How long what was applied may have a page go elsewhere. */
const CONSEQUENCE_MS = 5_000;
/** How long a page may take to have its content: one that is followed, and one that is opened. */
const CONTENT_MS = 2_000;
const FIRST_CONTENT_MS = 10_000;
/** A page whose process dies again within this time is not loaded again. */
const CRASH_MS = 60_000;
/** Inputs that may wait for a page at the same time. */
const MAX_WAITING = 256;

/** Where one page of a session is, over as many lives of the browser as it takes. */
export class Place {
  /** The page itself, while there is a browser. */
  page: OpenPage | undefined;
  url: string;
  readonly #deeds = new Deeds();
  #appliedAt = -Infinity;
  #localAt = -Infinity;
  #leavesDriven: boolean | undefined;
  #crashedAt = -Infinity;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(url: string) {
    this.url = url;
  }

  /** @throws {CapabilityError} unavailable – the browser is gone */
  get tab(): Tab {
    if (this.page) return this.page.tab;
    throw new CapabilityError("unavailable", "Cannot do this as the browser is gone");
  }

  /** The person has done something: what comes now may be of it. */
  touched(): void {
    this.#localAt = Date.now();
  }

  /** What the person did was told as an event of this number. */
  heard(n: number, deed: number): void {
    if (this.page) this.#deeds.note(n, this.page.tab.document, deed);
  }

  /** Something is done for somebody else: what comes now is of that. */
  driven(): void {
    this.#appliedAt = Date.now();
  }

  /** It is on its way elsewhere, however long that takes. */
  leaves(): void {
    this.#leavesDriven = this.#isDriven;
  }

  /**
   * It is elsewhere now.
   *
   * @returns whether that comes of what was applied
   */
  arrived(url: string, by: Driver): boolean {
    const wasDriven = this.#leavesDriven ?? this.#isDriven;
    this.#leavesDriven = undefined;
    this.url = url;
    if (by === "person") this.touched();
    if (by === "agent") this.driven();
    return by === "agent" || by === "page" && wasDriven;
  }

  get #isDriven(): boolean {
    return this.#appliedAt > this.#localAt && Date.now() - this.#appliedAt < CONSEQUENCE_MS;
  }

  /** @param to A URL that may be opened, or `back`, `forward`, `reload`. */
  async navigate(to: string): Promise<void> {
    const { tab } = this;
    this.driven();
    if (to === "back" || to === "forward") return await tab.step(to === "back" ? -1 : 1);
    if (to === "reload") return await tab.reload(CONTENT_MS);
    const before = this.url;
    // Told by the page itself a moment later; it may die before.
    this.url = to;
    const failure = await tab.navigate(to, CONTENT_MS);
    if (failure !== undefined && this.url === to) this.url = before;
    requireOpened(failure);
  }

  /** Opens the first page here, and waits for its content. */
  async load(): Promise<void> {
    this.driven();
    requireOpened(await this.tab.navigate(this.url, FIRST_CONTENT_MS));
    if (this.tab.masksHold) return;
    const message = "Cannot open the page as a selector of the grant is none that Chromium knows";
    throw new CapabilityError("failed", message);
  }

  /** Is in another page of Chromium's from now on, where it was. */
  async moveInto(page: OpenPage, mirror: string | undefined): Promise<void> {
    this.page = page;
    if (mirror !== undefined) await page.tab.mirror(mirror);
    if (this.url !== "about:blank") await this.load().catch(() => {});
  }

  /**
   * Its process died, or it hangs, though the browser is there.
   *
   * @returns whether it may be loaded again, as it may once in a while
   */
  failed(): boolean {
    const again = Date.now() - this.#crashedAt > CRASH_MS;
    this.#crashedAt = Date.now();
    return again;
  }

  /** Has another process, and is loaded again in it, or nothing is. */
  async revive(again: boolean): Promise<void> {
    this.driven();
    if (again) await this.tab.reload(FIRST_CONTENT_MS);
    else await this.tab.navigate("about:blank", 0);
  }

  /**
   * One after another, in the sequence of the calls.
   *
   * @param seen The number of the last event that whoever did it had heard.
   */
  async apply(input: PageInput, seen?: number): Promise<Applied> {
    if (this.#waiting >= MAX_WAITING) return { applied: false, why: "refused" };
    this.#waiting++;
    try {
      return await this.#inTurn(() => {
        // Moves lead nowhere.
        if (input.type !== "pointer") this.driven();
        return this.page ? applyInput(this.page.tab, input, this.#knownAt(seen)) : GONE;
      });
    } catch {
      return GONE;
    } finally {
      this.#waiting--;
    }
  }

  /** How the page is, with all in it that was applied before. */
  async state(): Promise<object[]> {
    return await this.#inTurn(() => this.page?.tab.ask<object[]>("stateOfPage")) ?? [];
  }

  #knownAt(seen: number | undefined): Known | undefined {
    if (seen === undefined) return undefined;
    const { document } = this.tab;
    return { document, deeds: this.#deeds.knownAt(seen, document) };
  }

  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

/** @param failure Of Chromium's; one that another navigation has overtaken is none. */
function requireOpened(failure: string | undefined): void {
  if (failure === undefined || failure === "net::ERR_ABORTED") return;
  throw new CapabilityError("unavailable", `Cannot open the page: ${failure}`);
}
