import type { BrowserSession } from "writ";
import type { PageChange } from "../browser/station.ts";
import type { Guest } from "../session/guest.ts";
import type { BrowserState } from "../wire/host_message.ts";
import { WIRE_LIMITS } from "../wire/limits.ts";

/** Somebody who sees the page by what is sent to them, as long as they are connected. */
export type Onlooker = Pick<Guest, "connection" | "send" | "sendMirror">;

/**
 * Changes of a page that come within that go as one message: a frame of most screens. What drives
 * the other browsers has had its effect by then, and does not wait for those who watch.
 */
const TOGETHER_MS = 16;
/** Changes in one message. */
const EVENTS = 1_000;
/** Nobody begins anew more often than that by asking, as the page stands still for a snapshot. */
const REST_MS = 1_000;
/** Who waits so long for a page is told that it does not answer; it is asked on. */
const SILENT_MS = 20_000;
/** Who has so many characters before them begins anew, once there are only so many. */
const BEHIND_CHARS = WIRE_LIMITS.PAGE_CHARS + 2_000_000;
const ROOM_CHARS = 2_000_000;
/** What rrweb begins a page with. */
const META = 4;

/** Whether the page that is looked at answers. */
type PageState = Extract<BrowserState, "silent" | "answers">;
type Snapshot = Awaited<ReturnType<BrowserSession["snapshot"]>>;

interface Watcher {
  readonly guest: Onlooker;
  /** Until their turn; while their snapshot is made; once they have it; until there is another page. */
  phase: "waits" | "begins" | "follows" | "too_large";
  /** The last change that was in their snapshot. */
  since: number;
  /** Changes that came while it was made. */
  readonly early: PageChange[];
  /** Characters that may still come. */
  room: number;
}

/** Shows the shared page to those who have no browser of their own under an agent. */
export class MirrorFeed {
  readonly #browser: Pick<BrowserSession, "snapshot">;
  readonly #now: () => number;
  readonly #tell: (state: PageState) => void;
  #isSilent = false;
  readonly #watchers = new Map<Onlooker, Watcher>();
  #changes: PageChange[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #begun = new WeakMap<Onlooker, number>();
  /** The snapshot that is made, and the one for all who ask meanwhile. */
  #making: Promise<unknown> = Promise.resolve();
  #next: Promise<Snapshot> | undefined;

  /** @param tell Told when somebody has waited long for a page, and when it answers after that. */
  constructor(
    browser: Pick<BrowserSession, "snapshot">,
    now: () => number,
    tell: (state: PageState) => void,
  ) {
    this.#browser = browser;
    this.#now = now;
    this.#tell = tell;
  }

  /** Begins anew for somebody who asks for it; one who waits for that already goes on waiting. */
  async begin(guest: Onlooker): Promise<void> {
    if (this.#watchers.get(guest)?.phase === "waits") return;
    await this.#begin(guest, (this.#begun.get(guest) ?? -Infinity) + REST_MS - this.#now());
  }

  /** Begins anew for all, as another page is looked at. */
  restart(): void {
    this.#changes = [];
    for (const { guest } of this.#watchers.values()) void this.#begin(guest);
  }

  end(guest: Onlooker): void {
    this.#watchers.delete(guest);
  }

  /** The page has changed. */
  add(change: PageChange): void {
    if (this.#watchers.size === 0) return;
    this.#changes.push(change);
    if (this.#changes.length >= EVENTS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), TOGETHER_MS);
  }

  async #begin(guest: Onlooker, restMs = 0): Promise<void> {
    const watcher: Watcher = { guest, phase: "waits", since: -1, early: [], room: BEHIND_CHARS };
    this.#watchers.set(guest, watcher);
    if (restMs > 0) await pause(restMs);
    while (this.#isThere(watcher) && guest.connection!.waiting > ROOM_CHARS) await pause(REST_MS);
    if (!this.#isThere(watcher)) return;
    this.#begun.set(guest, this.#now());
    watcher.phase = "begins";
    const code = await this.#showInTime(watcher);
    if (!this.#isThere(watcher)) return;
    watcher.phase = code === "too_long" ? "too_large" : "follows";
    if (code === "too_long") return guest.send({ t: "not", why: "too_large" });
    // Where there is no page yet, the next one tells of itself as a whole.
    this.#pass(watcher, watcher.early, () => textsOf(watcher.early));
  }

  /**
   * Asks a page until it answers, or another one has told of itself.
   *
   * @returns Why there is nothing to show.
   */
  async #showInTime(watcher: Watcher): Promise<unknown> {
    const begun = this.#now();
    while (true) {
      const code = await this.#show(watcher);
      if (code !== "unavailable" || !this.#isThere(watcher)) return code;
      if (watcher.early.some(isNewPage)) return undefined;
      forget(watcher);
      if (this.#now() - begun >= SILENT_MS) this.#is("silent");
      await pause(REST_MS);
      if (!this.#isThere(watcher)) return undefined;
    }
  }

  #is(state: PageState): void {
    const isSilent = state === "silent";
    if (isSilent || this.#isSilent) this.#tell(state);
    this.#isSilent = isSilent;
  }

  /** @returns Why there is nothing to show. */
  async #show(watcher: Watcher): Promise<unknown> {
    try {
      const { n, document, json } = await this.#snapshot();
      this.#is("answers");
      if (!this.#isThere(watcher)) return undefined;
      watcher.since = n;
      watcher.guest.sendMirror(textOf(true, document, json));
      return undefined;
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  }

  #isThere(watcher: Watcher): boolean {
    return this.#watchers.get(watcher.guest) === watcher && watcher.guest.connection !== undefined;
  }

  /** One at a time, and one for all who ask before it begins. */
  #snapshot(): Promise<Snapshot> {
    this.#next ??= this.#making.then(() => {
      this.#next = undefined;
      const making = this.#browser.snapshot({ most: WIRE_LIMITS.PAGE_CHARS });
      this.#making = making.catch(() => {});
      return making;
    });
    return this.#next;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const changes = this.#changes;
    this.#changes = [];
    let made: string[] | undefined;
    const texts = () => made ??= textsOf(changes);
    for (const watcher of [...this.#watchers.values()]) {
      const { guest, phase } = watcher;
      if (!guest.connection) this.end(guest);
      else if (phase === "begins") this.#keep(watcher, changes, texts());
      else if (phase === "follows") this.#pass(watcher, changes, texts);
      else if (phase === "too_large" && changes.some(isNewPage)) void this.begin(guest);
    }
  }

  /** Who would be told of too much at once begins anew with the next snapshot. */
  #keep(watcher: Watcher, changes: readonly PageChange[], texts: readonly string[]): void {
    watcher.early.push(...changes);
    for (const { length } of texts) watcher.room -= length;
    if (watcher.room < 0) void this.#begin(watcher.guest);
  }

  /** @param whole All of the changes as texts, made once for all who get all of them. */
  #pass({ guest, since }: Watcher, changes: readonly PageChange[], whole: () => string[]): void {
    const later = changes.filter(({ n }) => n > since);
    const texts = later.length < changes.length ? textsOf(later) : whole();
    for (const text of texts) guest.sendMirror(text, this.#now());
    if ((guest.connection?.waiting ?? 0) > BEHIND_CHARS) void this.begin(guest);
  }
}

function forget(watcher: Watcher): void {
  watcher.early.length = 0;
  watcher.room = BEHIND_CHARS;
}

/** Changes as messages, each page's together. */
function textsOf(changes: readonly PageChange[]): string[] {
  const runs: PageChange[][] = [];
  for (const change of changes) {
    const run = runs.at(-1);
    if (run && run[0]!.document === change.document) run.push(change);
    else runs.push([change]);
  }
  return runs.map((run) =>
    textOf(false, run[0]!.document, JSON.stringify(run.map(({ event }) => event)))
  );
}

/** @param events JSON. */
function textOf(fresh: boolean, document: string, events: string): string {
  return `"fresh":${fresh},"document":${JSON.stringify(document)},"events":${events}}`;
}

function isNewPage({ event }: PageChange): boolean {
  return (event as { type?: unknown }).type === META;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
