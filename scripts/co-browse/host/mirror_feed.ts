import type { BrowserSession } from "writ";
import type { PageChange } from "../browser/station.ts";
import type { Guest } from "../session/guest.ts";

/** Changes of a page that come within that go as one message. */
const TOGETHER_MS = 4;
/** Changes in one message. */
const EVENTS = 1_000;
/** Who has so many characters before them gets no changes until they are through. */
const BEHIND_CHARS = 4_000_000;

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

  constructor(browser: Pick<BrowserSession, "snapshot">, now: () => number) {
    this.#browser = browser;
    this.#now = now;
  }

  /** Begins anew for somebody. */
  async begin(guest: Guest): Promise<void> {
    const watcher: Watcher = { guest, since: -1, early: [], isBehind: false };
    this.#watchers.set(guest, watcher);
    try {
      const { n, document, events } = await this.#browser.snapshot();
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
    for (const { guest } of this.#watchers.values()) this.begin(guest).catch(() => {});
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
