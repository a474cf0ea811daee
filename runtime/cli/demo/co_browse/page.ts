import type {
  CdpLink,
  CommandName,
  Params,
  Result,
} from "../../../capabilities/browser/cdp/link.ts";

const PATIENCE_MS = 60_000;

interface Target {
  readonly targetId: string;
  readonly type: string;
  readonly url: string;
}

/** A page, with somebody's hands on it: what they do is as real as a mouse's or a keyboard's. */
export class Page {
  readonly #link: CdpLink;
  readonly #session: string;
  /** Contexts of frames within the page. */
  readonly #frames: number[] = [];

  private constructor(link: CdpLink, session: string) {
    this.#link = link;
    this.#session = session;
  }

  /** Waits for a page that fits. */
  static async attach(link: CdpLink, fits: (target: Target) => boolean): Promise<Page> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    while (true) {
      const { targetInfos } = await link.send("Target.getTargets", {});
      const target = targetInfos.find((info) => info.type === "page" && fits(info));
      if (target) {
        const { targetId } = target;
        const { sessionId } = await link.send("Target.attachToTarget", { targetId, flatten: true });
        const page = new Page(link, sessionId);
        await page.#watchFrames();
        return page;
      }
      late.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  async resize({ width, height }: { width: number; height: number }): Promise<void> {
    const params = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.#send("Emulation.setDeviceMetricsOverride", params);
  }

  /** What an expression comes to in the page. */
  async evaluate<T = unknown>(expression: string, contextId?: number): Promise<T> {
    const { result, exceptionDetails } = await this.#send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
      ...(contextId !== undefined && { contextId }),
    });
    if (!exceptionDetails) return result.value;
    const { text, exception } = exceptionDetails;
    throw new Error(`${expression}: ${exception?.description ?? text}`);
  }

  /** The same in the frame within the page. */
  async evaluateInFrame<T = unknown>(expression: string): Promise<T> {
    const frame = this.#frames.at(-1);
    if (frame === undefined) throw new Error("there is no frame in the page yet");
    return await this.evaluate(expression, frame);
  }

  /** Waits until an expression comes to something that is true. */
  async until<T = unknown>(expression: string, where: "page" | "frame" = "page"): Promise<T> {
    const late = Date.now() + PATIENCE_MS;
    while (true) {
      // Between two documents there is none to ask.
      const found = where === "page"
        ? await this.evaluate<T>(expression).catch(() => undefined)
        : await this.evaluateInFrame<T>(expression).catch(() => undefined);
      if (found) return found;
      if (Date.now() > late) throw new Error(`waited in vain for ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async click(selector: string): Promise<void> {
    const at = await this.evaluate<{ x: number; y: number }>(`(() => {
      const element = document.querySelector(${JSON.stringify(selector)});
      element.scrollIntoView({ block: "nearest", behavior: "instant" });
      const { x, y, width, height } = element.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    await this.clickAt(at);
  }

  async clickAt(at: { x: number; y: number }): Promise<void> {
    await this.#send("Input.dispatchMouseEvent", { type: "mouseMoved", ...at });
    for (const type of ["mousePressed", "mouseReleased"] as const) {
      const params = { type, ...at, button: "left" as const, clickCount: 1 };
      await this.#send("Input.dispatchMouseEvent", params);
    }
  }

  async move(at: { x: number; y: number }): Promise<void> {
    await this.#send("Input.dispatchMouseEvent", { type: "mouseMoved", ...at });
  }

  /** Key by key. */
  async type(text: string): Promise<void> {
    for (const key of text) {
      await this.#send("Input.dispatchKeyEvent", { type: "keyDown", key, text: key });
      await this.#send("Input.dispatchKeyEvent", { type: "keyUp", key });
    }
  }

  async press(key: "Enter" | "Tab"): Promise<void> {
    const code = { Enter: 13, Tab: 9 }[key];
    const params = { key, code: key, windowsVirtualKeyCode: code };
    const text = key === "Enter" ? { text: "\r" } : {};
    await this.#send("Input.dispatchKeyEvent", { type: "keyDown", ...params, ...text });
    await this.#send("Input.dispatchKeyEvent", { type: "keyUp", ...params });
  }

  /** By the wheel. */
  async scroll(deltaY: number): Promise<void> {
    const params = { type: "mouseWheel" as const, x: 200, y: 300, deltaX: 0, deltaY };
    await this.#send("Input.dispatchMouseEvent", params);
  }

  async goTo(url: string): Promise<void> {
    await this.#send("Page.navigate", { url });
  }

  /** By its tab above the page. */
  async turnTo(): Promise<void> {
    await this.#send("Page.bringToFront");
  }

  async close(): Promise<void> {
    await this.#send("Page.close");
  }

  /** A picture of the page, as PNG. */
  async picture(): Promise<Uint8Array> {
    const { data } = await this.#send("Page.captureScreenshot", { format: "png" });
    return Uint8Array.fromBase64(data);
  }

  async #watchFrames(): Promise<void> {
    const { frameTree } = await this.#send("Page.getFrameTree");
    const top = frameTree.frame.id;
    this.#link.on("Runtime.executionContextCreated", ({ context }) => {
      const { isDefault, frameId } = (context.auxData ?? {}) as Record<string, unknown>;
      if (isDefault && frameId !== top) this.#frames.push(context.id);
    }, this.#session);
    await this.#send("Runtime.enable");
  }

  #send<Name extends CommandName>(method: Name, params?: Params<Name>): Promise<Result<Name>> {
    return this.#link.send(method, params, this.#session);
  }
}
