import type {
  CommandName,
  Params,
  Result,
} from "../../../runtime/capabilities/browser/cdp/link.ts";
import { within } from "../../within.ts";
import { Chromium } from "../../chromium.ts";

/** How long a page may take to become what is waited for. */
const WAIT_MS = 20_000;

/** A request that has not left the browser yet. */
export interface HeldRequest {
  letGo(): Promise<void>;
}

/** A real browser with one page. What its console or its content policy complains of is kept. */
export class Browser implements AsyncDisposable {
  readonly complaints: string[] = [];
  readonly #chromium: Chromium;
  readonly #session: string;
  /** Where scripts of frames within the page run. */
  readonly #frames: number[] = [];

  private constructor(chromium: Chromium, session: string) {
    this.#chromium = chromium;
    this.#session = session;
  }

  static async start(): Promise<Browser> {
    const chromium = await Chromium.start();
    const { link } = chromium;
    const { targetId } = await link.send("Target.createTarget", { url: "about:blank" });
    const attached = await link.send("Target.attachToTarget", { targetId, flatten: true });
    const browser = new Browser(chromium, attached.sessionId);
    await browser.#listen();
    return browser;
  }

  send<Name extends CommandName>(name: Name, params?: Params<Name>): Promise<Result<Name>> {
    return this.#chromium.link.send(name, params, this.#session);
  }

  /** Goes to a page, and waits until it is there. */
  async open(url: string): Promise<void> {
    await this.#whileLoading(() => this.send("Page.navigate", { url }));
  }

  /** Does what leads to another page, and waits until that is there. */
  async go(act: () => Promise<unknown>): Promise<void> {
    await this.#whileLoading(act);
  }

  /** Sets the size of the window; `dark` for people who like it so. */
  async look(width: number, height: number, dark = false): Promise<void> {
    await this.send("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    await this.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
    });
  }

  /** What an expression is in the page. */
  async eval<T>(expression: string, contextId?: number): Promise<T> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
      ...(contextId !== undefined && { contextId }),
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? "failed");
    return result.value;
  }

  /** What an expression is in the frame within the page. */
  async evalInFrame<T>(expression: string): Promise<T> {
    const frame = this.#frames.at(-1);
    if (frame === undefined) throw new Error("there is no frame in the page");
    return await this.eval<T>(expression, frame);
  }

  /** Waits until an expression is true in the page; the page itself says when it changes. */
  async until(expression: string): Promise<void> {
    const found = await this.eval<boolean>(`new Promise((resolve) => {
      const late = setTimeout(() => end(false), ${WAIT_MS});
      const watch = new MutationObserver(() => look());
      function end(found) { watch.disconnect(); clearTimeout(late); resolve(found); }
      function look() { if (${expression}) end(true); }
      watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      look();
    })`);
    if (!found) throw new Error(`never: ${expression}\n${await this.text()}`);
  }

  /** Holds back what pages ask for at such an address. @returns what waits until it is asked for. */
  async hold(urlPattern: string): Promise<() => Promise<HeldRequest>> {
    const held = Promise.withResolvers<HeldRequest>();
    this.#chromium.link.on("Fetch.requestPaused", ({ requestId }) => {
      held.resolve({
        letGo: async () => {
          await this.send("Fetch.continueRequest", { requestId });
          await this.send("Fetch.disable");
        },
      });
    }, this.#session);
    await this.send("Fetch.enable", { patterns: [{ urlPattern }] });
    return () => within(held.promise, urlPattern);
  }

  /** Types into the field of that name, in the form that is asked for. */
  async type(selector: string, text: string): Promise<void> {
    await this.eval(`(() => {
      const field = document.querySelector(${JSON.stringify(selector)});
      field.focus();
      field.select?.();
    })()`);
    await this.send("Input.insertText", { text });
  }

  /** Presses a button as a hand would. */
  async click(selector: string): Promise<void> {
    const { x, y } = await this.eval<{ x: number; y: number }>(`(() => {
      const found = document.querySelector(${JSON.stringify(selector)});
      if (!found) throw new Error("no " + ${JSON.stringify(selector)});
      found.scrollIntoView({ block: "center" });
      const { x, y, width, height } = found.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    const at = { x, y, button: "left", clickCount: 1 } as const;
    await this.send("Input.dispatchMouseEvent", { type: "mousePressed", ...at });
    await this.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...at });
  }

  /** Presses a key as a hand does; `code` is the one that Windows has for it. */
  async press(key: string, code: number, text?: string): Promise<void> {
    const stroke = { key, code: key, windowsVirtualKeyCode: code, ...(text && { text }) };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...stroke });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...stroke });
  }

  async text(): Promise<string> {
    return await this.eval<string>("document.body.innerText");
  }

  async path(): Promise<string> {
    return await this.eval<string>("location.pathname");
  }

  /** Roles and names, as a screen reader gets them. */
  async names(): Promise<{ role: string; name: string }[]> {
    const { nodes } = await this.send("Accessibility.getFullAXTree");
    return nodes.filter(({ ignored }) => !ignored).map(({ role, name }) => ({
      role: String(role?.value ?? ""),
      name: String(name?.value ?? "").trim(),
    }));
  }

  async picture(): Promise<Uint8Array> {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    return Uint8Array.fromBase64(data);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chromium[Symbol.asyncDispose]();
  }

  async #whileLoading(act: () => Promise<unknown>): Promise<void> {
    const loaded = Promise.withResolvers<void>();
    this.#loaded = loaded.resolve;
    const late = setTimeout(
      () => loaded.reject(new Error("the page was not loaded")),
      WAIT_MS,
    );
    try {
      await act();
      await loaded.promise;
    } finally {
      clearTimeout(late);
    }
  }

  #loaded: () => void = () => {};
  /** The page's own, outermost one. */
  #frame = "";

  async #listen(): Promise<void> {
    const { link } = this.#chromium;
    link.on("Page.loadEventFired", () => this.#loaded(), this.#session);
    link.on("Log.entryAdded", ({ entry }) => {
      this.complaints.push(`${entry.source}: ${entry.text}`);
    }, this.#session);
    link.on("Runtime.exceptionThrown", ({ exceptionDetails }) => {
      this.complaints.push(exceptionDetails.text);
    }, this.#session);
    link.on("Runtime.executionContextCreated", ({ context }) => {
      const { isDefault, frameId } = (context.auxData ?? {}) as Record<string, unknown>;
      if (isDefault && frameId !== this.#frame) this.#frames.push(context.id);
    }, this.#session);
    const { frameTree } = await this.send("Page.getFrameTree");
    this.#frame = frameTree.frame.id;
    await this.send("Page.enable");
    await this.send("Log.enable");
    await this.send("Runtime.enable");
    await this.send("Accessibility.enable");
  }
}
