import type { BrowserSession } from "writ";
import type { PageChange } from "../browser/station.ts";
import type { Guest } from "../session/guest.ts";

/** Changes of a page that come within that go as one message: a frame of most screens. */
const TOGETHER_MS = 16;
/** Changes in one message. */
const EVENTS = 1_000;
/** Nobody begins anew more often than that by asking, as the page stands still for a snapshot. */
const REST_MS = 1_000;
/** Who has so many characters before them gets no changes until they are through. */
const BEHIND_CHARS = 4_000_000;

type Snapshot = Awaited<ReturnType<BrowserSession["snapshot"]>>;

interface Watcher {
  readonly guest: Guest;
  /** The last change that was in their snapshot. */
  since: number;
  /** Changes that came while their snapshot was made; nothing once they have it. */
  early: PageChange[] | undefined;
  isBehind: boolean;
}

/** Shows the shared page to those who have no browser of their own under an agent. */
export class MirrorFeed {
  readonly #browser: Pick<BrowserSession, "snapshot">;
  readonly #now: () => number;
  readonly #watchers = new Map<Guest, Watcher>();
  #changes: PageChange[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #begun = new WeakMap<Guest, number>();
  /** The snapshot that is made, and the one for all who ask meanwhile. */
  #making: Promise<unknown> = Promise.resolve();
  #next: Promise<Snapshot> | undefined;

  constructor(browser: Pick<BrowserSession, "snapshot">, now: () => number) {
    this.#browser = browser;
    this.#now = now;
  }

  /** Begins anew for somebody who asks for it. */
  async begin(guest: Guest): Promise<void> {
    const restMs = (this.#begun.get(guest) ?? -Infinity) + REST_MS - this.#now();
    this.#begun.set(guest, this.#now() + Math.max(restMs, 0));
    await this.#begin(guest, restMs);
  }

  async #begin(guest: Guest, restMs = 0): Promise<void> {
    const watcher: Watcher = { guest, since: -1, early: [], isBehind: false };
    this.#watchers.set(guest, watcher);
    try {
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
      if (this.#watchers.get(guest) !== watcher) return;
      const { n, document, events } = await this.#snapshot();
      if (this.#watchers.get(guest) !== watcher) return;
      watcher.since = n;
      this.#send(watcher, document, events, true);
    } finally {
      // Where there is no page yet, the next one tells of itself as a whole.
      const early = watcher.early ?? [];
      watcher.early = undefined;
      this.#pass(watcher, early);
    }
  }

  /** Begins anew for all, as another page is looked at. */
  restart(): void {
    this.#changes = [];
    for (const { guest } of this.#watchers.values()) this.#begin(guest).catch(() => {});
  }

  /** One at a time, and one for all who ask before it begins. */
  #snapshot(): Promise<Snapshot> {
    this.#next ??= this.#making.then(() => {
      this.#next = undefined;
      const making = this.#browser.snapshot();
      this.#making = making.catch(() => {});
      return making;
    });
    return this.#next;
  }

  end(guest: Guest): void {
    this.#watchers.delete(guest);
  }

  /** The page has changed. */
  add(change: PageChange): void {
    if (this.#watchers.size === 0) return;
    this.#changes.push(change);
    if (this.#changes.length >= EVENTS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), TOGETHER_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const changes = this.#changes;
    this.#changes = [];
    for (const watcher of this.#watchers.values()) {
      const { guest, early, isBehind } = watcher;
      if (!guest.connection) this.end(guest);
      else if (early) early.push(...changes);
      else if (isBehind) this.#catchUp(watcher);
      else this.#pass(watcher, changes);
    }
  }

  #pass(watcher: Watcher, changes: readonly PageChange[]): void {
    if (this.#watchers.get(watcher.guest) !== watcher) return;
    const later = changes.filter(({ n }) => n > watcher.since);
    for (const run of runsOf(later)) this.#sendRun(watcher, run);
  }

  #catchUp({ guest }: Watcher): void {
    if (guest.connection!.waiting < BEHIND_CHARS / 2) this.begin(guest).catch(() => {});
  }

  #sendRun(watcher: Watcher, run: PageChange[]): void {
    this.#send(watcher, run[0]!.document, run.map(({ event }) => event), false);
  }

  #send(watcher: Watcher, document: string, events: unknown[], fresh: boolean): void {
    const { guest } = watcher;
    const now = fresh ? undefined : this.#now();
    guest.sendNumbered((seq) => ({ t: "mirror", seq, fresh, document, events }), now);
    watcher.isBehind = (guest.connection?.waiting ?? 0) > BEHIND_CHARS;
  }
}

/** Changes of one page after another, each page's together. */
function runsOf(changes: readonly PageChange[]): PageChange[][] {
  const runs: PageChange[][] = [];
  for (const change of changes) {
    const run = runs.at(-1);
    if (run && run[0]!.document === change.document) run.push(change);
    else runs.push([change]);
  }
  return runs;
}
