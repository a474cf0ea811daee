import type { BrowserSession } from "writ";
import { CAUSE_MS } from "../browser/navigation_gate.ts";
import { Strokes } from "../browser/strokes.ts";
import { Station } from "../browser/station.ts";
import type { Link, Receiver } from "../link/link.ts";
import { fieldOf, Fields } from "../session/fields.ts";
import type { GuestMessage, Hello } from "../wire/guest_message.ts";
import {
  type BrowserState,
  type EndReason,
  type HostMessage,
  hostMessage,
  type Person,
  type Refusal,
} from "../wire/host_message.ts";
import type { Input } from "../wire/input.ts";
import { WIRE_LIMITS } from "../wire/limits.ts";
import { Parts } from "../wire/parts.ts";
import { FollowedPages } from "./followed_pages.ts";
import { followingSign } from "./following_sign.ts";

/** How a browser follows another. */
export interface FollowerOptions {
  readonly session: string;
  /** The invitation. */
  readonly key: string;
  readonly name: string;
  /** Opens the browser at the page that is shared. */
  open(url: string): Promise<BrowserSession>;
  /** Whether this one was let in, and has control; `gone` is its browser, until another one is said. */
  onState(state: "waiting" | "following" | "leading" | "gone"): void;
  /** Another page is followed. */
  onPage(url: string): void;
}

/** What is done here without control is undone so long after. */
const UNDO_MS = 200;
/** Who could not do here what was done there asks for all of it so long after. */
const MISSED_MS = 500;
/** What leaves nothing behind that would have to be undone. */
const HARMLESS = new Set(["scroll", "focus", "selection"]);
/** Why something that was done here had no effect over there, and so must have none here. */
const UNDONE = new Set<Refusal>(["no_control", "stamp", "masked", "gone", "refused"]);

/**
 * A browser of this agent that follows a shared one elsewhere, and leads it while its person has
 * control. The link may break and come again; `ended` tells how all of it ended.
 */
export class Follower {
  readonly ended: Promise<EndReason>;
  readonly #options: FollowerOptions;
  readonly #fields = new Fields();
  #end!: (why: EndReason) => void;
  #fail!: (error: unknown) => void;
  #key: string;
  #you = "";
  #holder = "";
  /** What became of the shared browser last. */
  #browser: BrowserState = "back";
  #people: readonly Person[] = [];
  #link: Link | undefined;
  #station: Station | undefined;
  #pages: FollowedPages | undefined;
  #strokes: Strokes | undefined;
  /** When something was done here that counts for all. */
  #toldAt = -Infinity;
  #undoing: ReturnType<typeof setTimeout> | undefined;
  /** Messages are taken one after another, as a browser must be open before it can follow. */
  #queue: Promise<void> = Promise.resolve();

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#key = options.key;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.ended.catch(() => {}).then(() => this.#close());
  }

  /** The host can be reached, for the first time or again. */
  connect(link: Link): Receiver {
    const parts = new Parts();
    this.#link = link;
    // What was written while there was no link has reached nobody.
    this.#fields.forget();
    const { session, name } = this.#options;
    const hello: Hello = { t: "hello", v: 1, session, key: this.#key, name, kind: "agent" };
    link.send(JSON.stringify(hello));
    return {
      take: (text) => {
        this.#queue = this.#queue.then(async () => {
          const whole = parts.add(String(text));
          if (whole !== undefined) await this.#hear(readHostMessage(whole));
        }).catch((error) => this.#fail(error));
      },
      lost: () => {
        if (this.#link === link) this.#link = undefined;
      },
    };
  }

  /** Leaves, or is made to. */
  leave(): void {
    this.#say({ t: "leave" });
    this.#end("over");
  }

  /** Asks for control. */
  ask(): void {
    this.#say({ t: "ask" });
  }

  /** Gives control back. */
  yield(): void {
    this.#say({ t: "yield" });
  }

  async #hear(message: HostMessage): Promise<void> {
    switch (message.t) {
      case "wait":
        this.#key = message.resume;
        return this.#options.onState("waiting");
      case "welcome":
        this.#key = message.resume;
        this.#you = message.you;
        return this.#options.onState("following");
      case "people":
        this.#people = message.people;
        return this.#showSign();
      case "control":
        this.#hearOfControl(message.holder);
        return this.#showSign();
      case "page":
        return await this.#page(message.url);
      case "tabs":
        return await this.#pages?.follow(message);
      case "state":
        // What was done here a moment ago may lead the shared browser elsewhere yet.
        if (performance.now() - this.#toldAt < CAUSE_MS) this.#undoSoon(CAUSE_MS);
        else await this.#restore(message);
        return this.#say({ t: "done", seq: message.seq });
      case "input":
        return await this.#follow(message);
      case "point":
        return this.#look(
          message.from,
          (browser, look) => browser.point(message.from, message.at, look),
        );
      case "mark":
        return this.#look(
          message.from,
          (browser, look) =>
            browser.highlight(message.from, message.element, {
              ...look,
              ms: WIRE_LIMITS.MARK_MS,
            }),
        );
      case "draw": {
        const who = this.#people.find(({ id }) => id === message.from);
        return who && this.#strokes?.draw(who, message.stroke);
      }
      case "browser":
        this.#browser = message.state;
        return this.#showSign();
      case "not":
        return UNDONE.has(message.why) ? this.#undo() : undefined;
      case "ended":
        return this.#end(message.why);
    }
  }

  #hearOfControl(holder: string): void {
    const wasLeading = this.#holder === this.#you;
    this.#holder = holder;
    const isLeading = holder === this.#you;
    if (isLeading !== wasLeading) this.#options.onState(isLeading ? "leading" : "following");
  }

  #hearOfBrowser(state: "gone" | "back"): void {
    if (state === "gone") return this.#options.onState("gone");
    this.#options.onState(this.#holder === this.#you ? "leading" : "following");
    this.#say({ t: "resync" });
  }

  /** What it comes to is not waited for: what comes next goes into the browser's own queue. */
  async #follow({ seq, input, stamp }: Extract<HostMessage, { t: "input" }>): Promise<void> {
    const field = fieldOf(input);
    if (field !== undefined && stamp && !this.#fields.take(field, stamp)) return;
    if (input.type === "navigation") await this.#pages?.open(input.tab ?? 1, input.url);
    const here = this.#pages?.toHere(input);
    if (!here) return;
    this.#station?.apply(here).then((done) => {
      this.#say({ t: "done", seq });
      // Where the page here was not there yet, or is another one.
      if ("why" in done && done.why === "gone") this.#undoSoon(MISSED_MS);
    });
  }

  /** What was written here meanwhile, and is on its way over there, stays. */
  async #restore({ done, heard }: Extract<HostMessage, { t: "state" }>): Promise<void> {
    const decided = { n: heard, by: this.#you };
    const here = done.flatMap(({ input, stamp }) => {
      const field = fieldOf(input);
      if (field !== undefined && !this.#fields.settle(field, stamp, decided)) return [];
      return this.#pages?.toHere(input) ?? [];
    });
    await this.#station?.restore(here);
  }

  async #page(url: string): Promise<void> {
    if (!url) return;
    this.#options.onPage(url);
    if (this.#station) return;
    const browser = await this.#options.open(url);
    this.#station = new Station(browser, {
      did: (input) => this.#did(input),
      pointed: (at) => this.#say({ t: "point", at }),
      pages: () => {
        const done = this.#pages?.changed();
        if (done) this.#tell(done);
      },
      mirror: () => {},
      browser: (state) => this.#hearOfBrowser(state),
      lost: () => {},
    });
    this.#strokes = new Strokes(browser);
    this.#station.beginsAt(url);
    this.#pages = new FollowedPages(this.#station);
    this.#station.watch().then(() => this.leave(), (error) => this.#fail(error));
    this.#showSign();
  }

  /** The person here did something; it counts for all while they have control. */
  #did(done: Input): void {
    const input = this.#pages?.toShared(done);
    if (input) this.#tell(input);
  }

  /** @param input For the shared browser, and in its numbers of pages. */
  #tell(input: Input): void {
    if (this.#holder !== this.#you) {
      if (!HARMLESS.has(input.type)) this.#undoSoon();
      return;
    }
    const field = fieldOf(input);
    const stamp = field === undefined ? undefined : this.#fields.write(field, this.#you);
    this.#toldAt = performance.now();
    this.#say({ t: "input", input, ...(stamp && { stamp }) });
  }

  #undoSoon(ms = UNDO_MS): void {
    clearTimeout(this.#undoing);
    this.#undoing = setTimeout(() => this.#undo(), ms);
  }

  #undo(): void {
    this.#say({ t: "resync" });
  }

  #look(
    from: string,
    show: (browser: BrowserSession, look: { color: string; label: string }) => Promise<void>,
  ): void {
    const person = this.#people.find(({ id }) => id === from);
    if (!this.#station || !person) return;
    show(this.#station.browser, { color: person.color, label: person.name }).catch(() => {});
  }

  #showSign(): void {
    const sign = followingSign({
      people: this.#people,
      holder: this.#holder,
      you: this.#you,
      browser: this.#browser,
    });
    this.#station?.browser.sign(sign).catch(() => {});
  }

  #say(message: GuestMessage): void {
    this.#link?.send(JSON.stringify(message));
  }

  #close(): void {
    clearTimeout(this.#undoing);
    this.#pages?.end();
    this.#link?.close();
    this.#link = undefined;
    this.#station?.browser.close().catch(() => {});
  }
}

/** @throws {TypeError} for what is no message of a host */
function readHostMessage(text: string): HostMessage {
  const message: unknown = JSON.parse(text);
  if (!hostMessage(message)) throw new TypeError("Cannot read a message of the host");
  return message;
}
