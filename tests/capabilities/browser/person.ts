import type { CdpLink } from "../../../runtime/capabilities/browser/cdp/link.ts";
import { Chromium } from "../../chromium.ts";
import { PATIENCE_MS } from "../../within.ts";

/** The person who sits before a Chromium: their clicks and keys are real input. */
export class Person implements AsyncDisposable {
  readonly #chromium: Chromium;

  private constructor(chromium: Chromium) {
    this.#chromium = chromium;
  }

  static async start(): Promise<Person> {
    return new Person(await Chromium.start());
  }

  /** For `attach:` in a grant. */
  get address(): string {
    return this.#chromium.address;
  }

  get link(): CdpLink {
    return this.#chromium.link;
  }

  /** The page at an address, as the person has it before them. */
  async at(url: string): Promise<PersonsPage> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    while (true) {
      const { targetInfos } = await this.link.send("Target.getTargets");
      const found = targetInfos.find((target) => target.type === "page" && target.url === url);
      if (found) {
        const { targetId } = found;
        const flat = await this.link.send("Target.attachToTarget", { targetId, flatten: true });
        return new PersonsPage(this.link, flat.sessionId);
      }
      late.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** As when it crashes. */
  kill(): void {
    this.#chromium.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chromium[Symbol.asyncDispose]();
  }
}

/** One page, with somebody's hands on it. */
export class PersonsPage {
  readonly #link: CdpLink;
  readonly #session: string;

  constructor(link: CdpLink, session: string) {
    this.#link = link;
    this.#session = session;
  }

  async evaluate<T = unknown>(expression: string): Promise<T> {
    const params = { expression, returnByValue: true, awaitPromise: true };
    return (await this.#link.send("Runtime.evaluate", params, this.#session)).result.value;
  }

  async click(selector: string): Promise<void> {
    const at = await this.evaluate<{ x: number; y: number }>(`(() => {
      const { x, y, width, height } = document.querySelector(${
      JSON.stringify(selector)
    }).getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    for (const type of ["mousePressed", "mouseReleased"] as const) {
      const params = { type, ...at, button: "left" as const, clickCount: 1 };
      await this.#link.send("Input.dispatchMouseEvent", params, this.#session);
    }
  }

  async type(text: string): Promise<void> {
    for (const key of text) {
      const down = { type: "keyDown" as const, key, text: key };
      await this.#link.send("Input.dispatchKeyEvent", down, this.#session);
      await this.#link.send("Input.dispatchKeyEvent", { type: "keyUp", key }, this.#session);
    }
  }

  async wheel(deltaY: number): Promise<void> {
    const params = { type: "mouseWheel" as const, x: 200, y: 200, deltaX: 0, deltaY };
    await this.#link.send("Input.dispatchMouseEvent", params, this.#session);
  }
}
