import type { BrowserSession } from "writ";
import type { Guest } from "../session/guest.ts";
import { HOST } from "../session/host.ts";
import type { HostSide } from "../session/host_side.ts";
import { Session, type SessionOptions } from "../session/session.ts";
import { Strokes } from "../browser/strokes.ts";
import { Station } from "../browser/station.ts";
import type { Stamp } from "../wire/guest_message.ts";
import type { Input } from "../wire/input.ts";
import { WIRE_LIMITS } from "../wire/limits.ts";
import { fieldOf } from "../session/fields.ts";
import type { TabList } from "../browser/tabs.ts";
import { MirrorFeed, type Onlooker } from "./mirror_feed.ts";
import { signOf } from "./sign.ts";

/** The person at this machine, and its log. */
export type Desk = Pick<HostSide, "tell" | "audit">;

/** How often is looked what time alone has changed. */
const TICK_MS = 1_000;
/** Somebody who never rests must not keep others waiting. */
const STATE_TRIES = 4;

/** A browser of this agent with the session that others see and drive it in. */
export class SharedBrowser {
  readonly session: Session;
  readonly #browser: BrowserSession;
  readonly #station: Station;
  readonly #mirror: MirrorFeed;
  readonly #now: () => number;
  /** Who asks more often to be brought here than it is done. */
  readonly #waitsForSync = new Set<Guest>();
  readonly #tick: ReturnType<typeof setInterval>;
  #sign: string | null = null;
  /** The page that is looked at. */
  #active = 1;
  /** What was done in the browser so far. */
  #done = 0;

  constructor(browser: BrowserSession, options: SessionOptions, desk: Desk) {
    this.#browser = browser;
    this.#mirror = new MirrorFeed(browser, options.now, (state) => {
      this.session.tell({ t: "browser", state });
    });
    const strokes = new Strokes(browser);
    this.session = new Session(options, {
      apply: (...asked) => void this.#apply(...asked),
      point: ({ id, name: label, color }, at) => quietly(browser.point(id, at, { color, label })),
      mark: ({ id, name: label, color }, element) =>
        quietly(browser.highlight(id, element, { color, label, ms: WIRE_LIMITS.MARK_MS })),
      draw: (from, stroke) => strokes.draw(from, stroke),
      sync: (guest) => void this.#sync(guest),
      tell: (message) => {
        if (message.t === "people" || message.t === "ended") this.#showSign();
        if (message.t === "ended") quietly(browser.close());
        desk.tell(message);
      },
      audit: (event, data) => desk.audit(event, data),
    });
    this.#station = new Station(browser, {
      did: (input) => {
        this.#done++;
        this.session.local(input);
      },
      pointed: (at) => this.session.point(HOST, at),
      pages: (list) => this.#show(list),
      mirror: (change) => {
        if (change.tab === this.#active) this.#mirror.add(change);
      },
      browser: (state) => this.#changed(state),
      lost: () => this.#syncAll(),
    });
    this.#tick = setInterval(() => {
      this.session.tick();
      for (const guest of this.#waitsForSync) void this.#sync(guest);
    }, TICK_MS);
    this.#now = options.now;
  }

  /**
   * Shares until the session is stopped, or the browser is gone for good.
   *
   * @param url Where the browser is.
   */
  async share(url: string): Promise<void> {
    this.#station.beginsAt(url);
    this.session.show(this.#station.pages);
    try {
      await this.#station.watch();
    } finally {
      this.stop();
    }
  }

  /** Ends it for everybody, at once; the browser's session ends with it. */
  stop(): void {
    clearInterval(this.#tick);
    this.session.stop("stopped");
  }

  /** Shows the page to somebody who is no guest, as guests with a link see it. */
  look(onlooker: Onlooker): Promise<void> {
    return this.#mirror.begin(onlooker);
  }

  async #apply(...[input, from, stamp, isAllowed]: Parameters<HostSide["apply"]>): Promise<void> {
    const done = await this.#station.apply(input, { isAllowed });
    if ("why" in done) {
      return done.why === "overtaken" ? undefined : this.session.refuse(from, done.why);
    }
    // What pages there are now is told as such.
    if (input.type === "tab") return;
    if (from.kind === "agent") return this.#relay(from.id, input, stamp);
    const same = portable(input, done.path);
    if (!same) return;
    const field = fieldOf(same);
    const own = field === undefined ? undefined : this.session.fields.write(field, from.id);
    this.#relay(from.id, same, own);
  }

  async #sync(guest: Guest): Promise<void> {
    try {
      if (guest.kind === "web") return await this.#mirror.begin(guest);
      this.#waitsForSync.delete(guest);
      if (!guest.connection) return;
      if (!guest.maySync(this.#now())) return void this.#waitsForSync.add(guest);
      const state = await this.#stateFor(guest);
      guest.sendNumbered((seq) => ({ t: "state", seq, ...state }));
    } catch (error) {
      // Where the browser is gone, everybody is brought there again when it is back.
      if ((error as { code?: unknown }).code === "too_long") {
        this.session.refuse(guest, "too_large");
      }
    }
  }

  #relay(from: string, input: Input, stamp: Stamp | undefined): void {
    this.#done++;
    this.session.relay(from, input, stamp);
  }

  /** A state that takes back nothing of what was told while it was looked for. */
  async #stateFor(guest: Guest) {
    for (let tries = 1;; tries++) {
      const before = this.#done;
      // What stands in a field may be newer than what is known of it now, and never older.
      const written = this.session.fields.now();
      const { heard } = guest;
      const inputs = await this.#station.state();
      if (this.#done !== before && tries < STATE_TRIES) continue;
      const done = inputs.slice(0, WIRE_LIMITS.STATE_INPUTS).map((input) => {
        const stamp = written.get(fieldOf(input) ?? "");
        return { input, ...(stamp && { stamp }) };
      });
      return { heard, done };
    }
  }

  #show(list: TabList): void {
    this.session.show(list);
    if (list.active === this.#active) return;
    this.#active = list.active;
    this.#mirror.restart();
  }

  #changed(state: "gone" | "back"): void {
    this.session.tell({ t: "browser", state });
    if (state !== "back") return;
    this.#sign = null;
    this.#showSign();
    this.#syncAll();
  }

  #syncAll(): void {
    for (const guest of this.session.present) void this.#sync(guest);
  }

  /** Whoever sits before the shared browser sees all the time that others see it, and who. */
  #showSign(): void {
    const sign = this.session.ended ? null : signOf(this.session.people);
    if (sign === this.#sign) return;
    this.#sign = sign;
    quietly(this.#browser.sign(sign));
  }
}

/** The same for a browser in which the mirror's nodes mean nothing; nothing where there is no such. */
function portable(input: Input, path: string | undefined): Input | undefined {
  if ("point" in input) {
    const { x, y } = input.point;
    return path === undefined ? undefined : { ...input, point: { path, x, y } };
  }
  if (!("element" in input) || input.element === null) {
    return input.type === "selection" ? undefined : input;
  }
  return path === undefined ? undefined : { ...input, element: { path } };
}

/** What is only shown may fail where the browser is gone. */
function quietly(done: Promise<unknown>): void {
  done.catch(() => {});
}
