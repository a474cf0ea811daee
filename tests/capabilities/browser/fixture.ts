import assert from "node:assert/strict";
import { browserCapability } from "../../../runtime/capabilities/browser.ts";
import { Browsers } from "../../../runtime/capabilities/browser/browsers.ts";
import type { Resolve } from "../../../runtime/capabilities/browser/addresses.ts";
import type { Session } from "../../../runtime/capabilities/browser/session.ts";
import type { BrowserSettings } from "../../../runtime/core/documents/browser.ts";
import type { BrowserApplied, BrowserEvent, BrowserInput } from "../../../runtime/sdk/mod.ts";
import { TemporaryDir } from "../../temporary_dir.ts";
import { PATIENCE_MS, within } from "../../within.ts";
import { ask } from "../fixture.ts";

const SCRIPT = "acme/co-browse";

/** What the calls of the capability answer that tests look into. */
interface Answers {
  open: { id: string };
  list: { id: string; url: string; state: string }[];
  page: { tab: number };
  apply: BrowserApplied;
  listen: { listener: string };
  snapshot: { snapshot: string; length: number; url: string; document: string; n: number };
  read: Uint8Array;
  stream: { stream: string };
  frame: Uint8Array & { width: number; height: number };
}
type Answer<Method extends string> = Method extends keyof Answers ? Answers[Method] : unknown;

/** A real Chromium as a script is lent it, driven over the capability's own calls. */
export class TestBrowser implements AsyncDisposable {
  readonly #folder = new TemporaryDir();
  readonly browsers: Browsers;
  readonly settings: BrowserSettings;
  readonly capability;
  readonly #run = new AbortController();

  constructor(settings: BrowserSettings, resolve?: Resolve) {
    // The browser's user passes through.
    Deno.chmodSync(this.#folder.path, 0o711);
    this.settings = settings;
    const user = Deno.uid() === 0 ? 65534 : undefined;
    this.browsers = new Browsers({
      folder: `${this.#folder.path}/browsers`,
      user: () => Promise.resolve(user),
      ...(resolve ? { resolve } : {}),
    });
    this.capability = browserCapability(this.browsers, SCRIPT, settings);
  }

  /** @throws {Error} when no answer comes */
  ask<Method extends string>(method: Method, params: unknown): Promise<Answer<Method>> {
    const { signal } = this.#run;
    const answer = ask<Answer<Method>>(this.capability, `browser.${method}`, params, { signal });
    return method === "next" ? answer : within(answer, `the answer to ${method}`);
  }

  /** Opens a page and follows it from then on. */
  async open(url: string, size = { width: 1_000, height: 700 }): Promise<TestSession> {
    const { id } = await this.ask("open", { url, size });
    return await TestSession.of(this, id);
  }

  /** The process of the browser. */
  async pid(): Promise<number> {
    return (await (await this.browsers.of(SCRIPT, this.settings)).pid())!;
  }

  /** The browser's home. */
  folder(): string {
    const root = `${this.#folder.path}/browsers`;
    const [profile] = Deno.readDirSync(root);
    return `${root}/${profile!.name}`;
  }

  async session(id: string): Promise<Session> {
    return (await this.browsers.of(SCRIPT, this.settings)).session(id)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#run.abort();
    await this.browsers[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** A session with everything that it has told. */
export class TestSession {
  readonly id: string;
  readonly events: BrowserEvent[] = [];
  readonly #browser: TestBrowser;
  #wake = () => {};

  private constructor(browser: TestBrowser, id: string) {
    this.#browser = browser;
    this.id = id;
  }

  static async of(browser: TestBrowser, id: string): Promise<TestSession> {
    const session = new TestSession(browser, id);
    const { listener } = await session.call("listen");
    void session.#follow(listener);
    await session.ready();
    return session;
  }

  call<Method extends string>(method: Method, params: object = {}): Promise<Answer<Method>> {
    return this.#browser.ask(method, { session: this.id, ...params });
  }

  /** Applies an input that must be taken. */
  async apply(input: BrowserInput): Promise<void> {
    const answer = await this.call("apply", { input });
    assert.deepEqual({ ...answer, path: undefined }, { applied: true, path: undefined });
  }

  /** Waits until something has been told. */
  async told<Type extends BrowserEvent["type"]>(
    type: Type,
    is: (event: Extract<BrowserEvent, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<BrowserEvent, { type: Type }>> {
    type Told = Extract<BrowserEvent, { type: Type }>;
    return await this.#find((event): event is Told => event.type === type && is(event as Told));
  }

  /** Waits until a window is somewhere, which may be told as it is told to be open. */
  async isAt(url: string, isThis: (tab: number) => boolean = () => true): Promise<void> {
    await this.#find((event): event is BrowserEvent =>
      (event.type === "tab" || event.type === "navigation") && event.url === url &&
      isThis(event.tab)
    );
  }

  async #find<Event extends BrowserEvent>(
    is: (event: BrowserEvent) => event is Event,
  ): Promise<Event> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    while (true) {
      const found = this.events.find(is);
      if (found) return found;
      assert.ok(!late.aborted, `no such event in ${JSON.stringify(this.events).slice(-2_000)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        late.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  /** What the person did, by kind; what the browser says of itself is left out. */
  ofPerson(): string[] {
    const own = ["navigation", "tab", "mirror", "browser", "refused", "viewport"];
    return this.events.map(({ type }) => type).filter((type) => !own.includes(type));
  }

  /** Forgets what was told so far. */
  forget(): void {
    this.events.length = 0;
  }

  /** Evaluates in the page itself, as only a test can. */
  async evaluate<T = unknown>(expression: string): Promise<T> {
    const { tab } = await this.#browser.session(this.id);
    const params = { expression, returnByValue: true, awaitPromise: true } as const;
    const { result, exceptionDetails } = await tab!.send("Runtime.evaluate", params);
    assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
    return result.value as T;
  }

  /** The person clicks an element. */
  async click(selector: string): Promise<void> {
    const { tab } = await this.#browser.session(this.id);
    const at = await this.evaluate<{ x: number; y: number }>(`(() => {
      const { x, y, width, height } = document.querySelector(${
      JSON.stringify(selector)
    }).getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    for (const type of ["mousePressed", "mouseReleased"] as const) {
      await tab!.send("Input.dispatchMouseEvent", { type, ...at, button: "left", clickCount: 1 });
    }
  }

  /** The person moves the pointer. */
  async move(x: number, y: number): Promise<void> {
    const { tab } = await this.#browser.session(this.id);
    await tab!.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
  }

  /** The person types. */
  async type(text: string): Promise<void> {
    const { tab } = await this.#browser.session(this.id);
    for (const key of text) {
      await tab!.send("Input.dispatchKeyEvent", { type: "keyDown", key, text: key });
      await tab!.send("Input.dispatchKeyEvent", { type: "keyUp", key });
    }
  }

  /** The person presses a key that has a text of its own, Enter. */
  async press(key: "Enter"): Promise<void> {
    const { tab } = await this.#browser.session(this.id);
    const about = { key, code: key, windowsVirtualKeyCode: 13 };
    // Not waited for: the page that it leads away from never says that it took it.
    for (const event of [{ type: "keyDown" as const, text: "\r" }, { type: "keyUp" as const }]) {
      tab!.send("Input.dispatchKeyEvent", { ...event, ...about }).catch(() => {});
    }
  }

  /** Resolves once all that the page has told until now is here. */
  async settled(): Promise<void> {
    await this.evaluate("new Promise((done) => setTimeout(done, 150))");
  }

  /** Until our script is in the page and its content there. */
  async ready(): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    while (await this.evaluate("document.readyState") !== "complete") late.throwIfAborted();
  }

  async #follow(listener: string): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    while (true) {
      const bytes = await this.#browser.ask("next", { session: this.id, listener });
      if (!(bytes instanceof Uint8Array)) return;
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop()!;
      this.events.push(...lines.map((line) => JSON.parse(line)));
      this.#wake();
    }
  }
}
