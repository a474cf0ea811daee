import { within } from "../../core/wait.ts";
import type { CdpLink } from "./cdp/link.ts";
import { BINDING, type Looks, PAGE, pageSource, type Unseen, WORLD } from "./page/source.ts";

/** How long a page may take to answer, and to tell all that is in it. */
const ANSWER_MS = 5_000;
const SNAPSHOT_MS = 20_000;
/** How long it may take to say what is covered, so that a picture can be given. */
const COVERED_MS = 1_000;
/** What our script in a page may tell at once; who wants more of it takes a snapshot. */
const MAX_MESSAGE_CHARACTERS = 2_000_000;
/** What is told instead of more. */
const TOO_LONG = JSON.stringify({ type: "lost" });

/** What {@linkcode Worlds} works with. */
export interface WorldsOptions {
  readonly link: CdpLink;
  /** The link's name for the page; its frames may have others. */
  readonly session: string;
  readonly unseen: Unseen;
  readonly looks: Looks;
  /** Told what our script says, JSON of its own making. */
  said(payload: string): void;
}

/** Our script in all documents of a page: where it runs at the moment, and what it is to be like. */
export class Worlds {
  readonly #options: WorldsOptions;
  /** Where it runs: the link's session, and the world in it. */
  readonly #worlds = new Map<string, { session: string; id: number }>();
  /** What puts it into documents, by the link's session. */
  readonly #scripts = new Map<string, string>();
  #looks: Looks;
  #mirror = "";
  #placed: Promise<void> = Promise.resolve();
  #context: number | undefined;
  /** Chromium's name for the page's own frame. */
  frame = "";

  constructor(options: WorldsOptions) {
    this.#options = options;
    this.#looks = options.looks;
  }

  /** Begins in a page, or in a frame that has a process of its own. */
  async begin(session: string): Promise<void> {
    const { link } = this.#options;
    this.#follow(session);
    await Promise.all([
      link.send("Runtime.enable", undefined, session),
      link.send("Runtime.addBinding", { name: BINDING, executionContextName: WORLD }, session),
      // Nothing is there before it that would have to be taken away.
      this.#placeNow(session),
    ]);
  }

  /** Forgets a frame that is gone. */
  end(session: string): void {
    this.#scripts.delete(session);
    for (const [key, world] of this.#worlds) {
      if (world.session === session) this.#worlds.delete(key);
    }
  }

  /**
   * Asks our script in the page's own document.
   *
   * @returns nothing when there is none at the moment, or it does not answer
   */
  async ask<Answer>(name: string, ...args: readonly unknown[]): Promise<Answer | undefined> {
    const text = await this.askText(name, ...args);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** The same, as the JSON that it answers in. */
  async askText(name: string, ...args: readonly unknown[]): Promise<string | undefined> {
    const { link, session } = this.#options;
    const contextId = this.#context;
    if (contextId === undefined) return undefined;
    const expression = `${PAGE}.answer(${JSON.stringify(name)}, ${JSON.stringify(args)})`;
    const params = { expression, contextId, returnByValue: true };
    const answer = link.send("Runtime.evaluate", params, session);
    const ms = name === "snapshot" ? SNAPSHOT_MS : ANSWER_MS;
    const result = await within(ms, answer).catch(() => undefined);
    return result?.exceptionDetails ? undefined : result?.result.value;
  }

  /** How documents look from now on, those that are open too. */
  async look(looks: Looks): Promise<void> {
    const { link } = this.#options;
    this.#looks = looks;
    await Promise.all([...this.#scripts.keys()].map((session) => this.#place(session)));
    const expression = `${PAGE}.box(${looks.boxed})`;
    await Promise.all(
      [...this.#worlds.values()].map(({ session, id: contextId }) =>
        link.send("Runtime.evaluate", { expression, contextId }, session).catch(() => {})
      ),
    );
    await this.ask("sign", looks.sign);
  }

  /**
   * Since when all that is unseen has been covered, in all documents; in the future where one does
   * not say.
   */
  async coveredSince(): Promise<number> {
    const { link } = this.#options;
    // A window that its opener fills is no page of ours, and nothing in it is covered.
    const expression = `globalThis.${PAGE}?.coveredSince()`;
    const moments = [...this.#worlds.values()].map(async ({ session, id: contextId }) => {
      const params = { expression, contextId, returnByValue: true };
      const { result } = await link.send("Runtime.evaluate", params, session);
      return typeof result.value === "number" ? result.value : Infinity;
    });
    const all = within(COVERED_MS, Promise.all(moments));
    return await all.then((found) => found.length > 0 ? Math.max(...found) : Infinity)
      .catch(() => Infinity);
  }

  /** Has the page's content recorded, in this document and all that follow. */
  async mirror(source: string): Promise<void> {
    if (this.#mirror !== "") return;
    this.#mirror = source;
    await this.#place(this.#options.session);
    await this.#evaluate(source);
  }

  /**
   * A new document of the page has begun. The first one of a window that was opened leaves its world
   * to the next, and nothing begins there by itself.
   */
  async takeOver(): Promise<void> {
    await this.#evaluate(pageSource(this.#options.unseen, this.#looks));
    await this.#evaluate(this.#mirror);
  }

  async #evaluate(expression: string): Promise<void> {
    const { link, session } = this.#options;
    const contextId = this.#context;
    if (contextId === undefined) return;
    await link.send("Runtime.evaluate", { expression, contextId }, session);
  }

  /** One after another, as each takes away what the one before has put there. */
  #place(session: string): Promise<void> {
    const done = this.#placed.then(() => this.#placeNow(session));
    this.#placed = done.catch(() => {});
    return done;
  }

  /** All in one, as what records goes by what our script has put there before. */
  async #placeNow(session: string): Promise<void> {
    const { link, unseen } = this.#options;
    const before = this.#scripts.get(session);
    const { identifier } = await link.send("Page.addScriptToEvaluateOnNewDocument", {
      source: `${pageSource(unseen, this.#looks)}\n${this.#mirror}`,
      worldName: WORLD,
      runImmediately: true,
    }, session);
    this.#scripts.set(session, identifier);
    if (before === undefined) return;
    const gone = { identifier: before };
    await link.send("Page.removeScriptToEvaluateOnNewDocument", gone, session);
  }

  /** Knows at each moment where our script can be asked. */
  #follow(session: string): void {
    const { link, said } = this.#options;
    const keyOf = (id: number) => `${session} ${id}`;
    const forget = (id: number) => {
      this.#worlds.delete(keyOf(id));
      if (session === this.#options.session && id === this.#context) this.#context = undefined;
    };
    link.on("Runtime.executionContextCreated", ({ context: { id, name, auxData } }) => {
      if (name !== WORLD) return;
      this.#worlds.set(keyOf(id), { session, id });
      if (auxData?.frameId === this.frame) this.#context = id;
    }, session);
    link.on("Runtime.executionContextDestroyed", ({ executionContextId }) => {
      forget(executionContextId);
    }, session);
    link.on("Runtime.executionContextsCleared", () => {
      for (const world of this.#worlds.values()) if (world.session === session) forget(world.id);
    }, session);
    link.on("Runtime.bindingCalled", ({ name, payload }) => {
      if (name !== BINDING) return;
      said(payload.length <= MAX_MESSAGE_CHARACTERS ? payload : TOO_LONG);
    }, session);
  }
}
