import type { BrowserSettings } from "../../core/documents/browser.ts";
import { CapabilityError } from "../../sandbox/mod.ts";
import type { Resolve } from "./addresses.ts";
import { type Engine, startEngine } from "./engine.ts";
import type { Refused } from "./gate.ts";
import { EnginePages, type PageOwner, type Size, type TakePopup } from "./pages.ts";
import { Session } from "./session.ts";
import { requireSite } from "./sites.ts";

/** How long a browser that died waits before it is started again, and again. */
const RESTART_MS = [0, 500, 2_000, 5_000, 15_000] as const;
/** One that lived this long is started at once again. */
const SETTLED_MS = 60_000;

/** What a script's browser is made of. */
export interface ScriptBrowserOptions {
  readonly settings: BrowserSettings;
  /** For profiles: the cells' user can pass through its parents. */
  readonly folder: string;
  /** Whom it runs as, where the agent is root. */
  user(): Promise<number | undefined>;
  /** Default: the machine's resolver. */
  readonly resolve?: Resolve | undefined;
}

interface Life {
  readonly engine: Engine;
  readonly pages: EnginePages;
}

/** The browser of one script: it runs for as long as there are sessions in it. */
export class ScriptBrowser {
  readonly #options: ScriptBrowserOptions;
  readonly #sessions = new Map<string, Session>();
  #life: Promise<Life> | undefined;
  /** Resolves when the last one that was stopped is gone. */
  #stopped: Promise<void> = Promise.resolve();
  #restart: ReturnType<typeof setTimeout> | undefined;
  #startedAt = 0;
  #deaths = 0;

  constructor(options: ScriptBrowserOptions) {
    this.#options = options;
  }

  /** @throws {CapabilityError} not_granted, quota, unavailable */
  async open(url: string, size: Size | undefined): Promise<Session> {
    const session = new Session(this.#options.settings, {
      open: async (...args) => await (await this.#running()).pages.open(...args),
      close: async (page) => await (await this.#running()).pages.close(page),
      activate: async (page) => await (await this.#running()).pages.activate(page),
    }, size);
    requireSite(this.#options.settings, url);
    this.#sessions.set(session.id, session);
    session.closed.then(() => this.#drop(session));
    try {
      await session.open(url);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  session(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** The browser's process, while there is one of the agent's own. */
  async pid(): Promise<number | undefined> {
    return (await this.#life)?.engine.pid;
  }

  /** Ends all sessions, and the browser. */
  async close(): Promise<void> {
    for (const session of this.sessions) {
      this.#sessions.delete(session.id);
      await session.close();
    }
    await this.#stop();
  }

  #running(): Promise<Life> {
    if (this.#life) return this.#life;
    const life = this.#life = this.#start();
    life.catch(() => {
      if (this.#life === life) this.#life = undefined;
    });
    return life;
  }

  async #start(): Promise<Life> {
    const { settings, folder, user, resolve } = this.#options;
    this.#startedAt = Date.now();
    await using started = new AsyncDisposableStack();
    const engine = await startEngine({
      settings,
      profile: `${folder}/${crypto.randomUUID()}`,
      user: await user(),
      resolve,
      refused: (refused) => this.#refused(refused),
    });
    started.use(engine);
    const owner: PageOwner = {
      popup: (opener, take) => this.#popup(opener, take),
      dropped: (target) => this.#ownerOf(target)?.dropped(target),
      refused: (refused) => this.#refused(refused),
    };
    const pages = await EnginePages.of(engine, settings, owner);
    started.move();
    engine.link.gone.then(() => this.#died(engine));
    return { engine, pages };
  }

  #stop(): Promise<void> {
    clearTimeout(this.#restart);
    const life = this.#life;
    this.#life = undefined;
    const end = async () => {
      const running = await life?.catch(() => undefined);
      await running?.engine[Symbol.asyncDispose]();
    };
    return this.#stopped = Promise.all([this.#stopped, end()]).then(() => {});
  }

  /** Started again for those who still look at its pages, later each time. */
  async #died(engine: Engine): Promise<void> {
    const life = await this.#life?.catch(() => undefined);
    if (life?.engine !== engine) return; // it was stopped
    this.#life = undefined;
    for (const session of this.sessions) session.lose();
    await engine[Symbol.asyncDispose]();
    if (Date.now() - this.#startedAt > SETTLED_MS) this.#deaths = 0;
    this.#restartIn(RESTART_MS[Math.min(this.#deaths++, RESTART_MS.length - 1)]!);
  }

  #restartIn(ms: number): void {
    clearTimeout(this.#restart);
    this.#restart = setTimeout(async () => {
      try {
        for (const session of this.sessions) await session.recover();
      } catch {
        const ms = RESTART_MS[Math.min(this.#deaths++, RESTART_MS.length - 1)]!;
        if (this.#sessions.size > 0) this.#restartIn(ms);
      }
    }, ms);
  }

  async #popup(opener: string, take: TakePopup): Promise<void> {
    const session = this.#ownerOf(opener);
    if (!session) return;
    try {
      await session.adopt(take);
    } catch (error) {
      if (error instanceof CapabilityError) session.refused({ why: "popup", origin: "" });
      throw error;
    }
  }

  #refused(refused: Refused): void {
    for (const session of this.sessions) session.refused(refused);
  }

  #ownerOf(target: string): Session | undefined {
    return this.sessions.find((session) => session.has(target));
  }

  #drop(session: Session): void {
    this.#sessions.delete(session.id);
    if (this.#sessions.size === 0) this.#stop().catch(() => {});
  }
}
