import { type RunningConsole, startConsole } from "../../../runtime/hub/console/mod.ts";
import { TestHub } from "../hub_fixture.ts";
import { Browser } from "./browser.ts";
import { PASSWORD } from "./fixture.ts";

/** A hub with its console on loopback, and a browser that looks at it. */
export class Stage implements AsyncDisposable {
  readonly hub: TestHub;
  readonly console: RunningConsole;
  readonly browser: Browser;

  readonly #opened: AsyncDisposableStack;

  private constructor(
    hub: TestHub,
    console: RunningConsole,
    browser: Browser,
    opened: AsyncDisposableStack,
  ) {
    this.hub = hub;
    this.console = console;
    this.browser = browser;
    this.#opened = opened;
  }

  static async open(): Promise<Stage> {
    await using opening = new AsyncDisposableStack();
    const hub = opening.use(await TestHub.start());
    const listen = { hostname: "127.0.0.1", port: 0 };
    const running = opening.use(await startConsole({ hub: hub.hub, listen }));
    const browser = opening.use(await Browser.start());
    return new Stage(hub, running, browser, opening.move());
  }

  url(path: string): string {
    return this.console.origin + path;
  }

  /** Makes an admin, and signs in on the page. */
  async signIn(name = "ada"): Promise<void> {
    const { users } = this.console.users;
    const { invitation } = await users.invite("acme", "system", { name, role: "admin" });
    await users.accept("acme", invitation, PASSWORD);
    const { browser } = this;
    await browser.open(this.url("/sign-in?fleet=acme"));
    await browser.type("[name=name]", name);
    await browser.type("[name=password]", PASSWORD);
    await browser.go(() => browser.click("form[action='/sign-in'] button"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}
