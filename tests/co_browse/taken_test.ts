import assert from "node:assert/strict";
import { SharedBrowser } from "../../scripts/co-browse/host/shared_browser.ts";
import { newKey, newSessionId } from "../../scripts/co-browse/keys.ts";
import type { GuestMessage } from "../../scripts/co-browse/wire/guest_message.ts";
import { until } from "../until.ts";
import { FakeConnection } from "./session_stage.ts";

const URL = "https://shop.example/";

/** A browser that does what it is asked when a test lets it. */
class SlowBrowser {
  readonly done: string[] = [];
  /** What it has begun, and not done yet. */
  readonly begun: (() => void)[] = [];
  readonly #events = new TransformStream<never, never>();
  readonly session = {
    events: () => this.#events.readable,
    navigate: (url: string) => this.#later(url.replace(URL, "go ")),
    apply: async ({ point }: { point: { path: string } }) => {
      await this.#later(`press ${point.path}`);
      return { applied: true, path: point.path };
    },
    sign: () => Promise.resolve(),
    close: () => this.#events.writable.close(),
  };

  #later(what: string): Promise<void> {
    return new Promise((resolve) =>
      this.begun.push(() => {
        this.done.push(what);
        resolve();
      })
    );
  }
}

/** Somebody who has control of a browser that is slow. */
class Driving implements AsyncDisposable {
  readonly browser = new SlowBrowser();
  readonly connection = new FakeConnection();
  readonly shared: SharedBrowser;
  readonly guest;
  readonly #sharing: Promise<void>;

  constructor() {
    const options = { id: newSessionId(), name: "Anna", isFree: false, now: () => 0, newKey };
    const desk = { tell() {}, audit() {} };
    this.shared = new SharedBrowser(this.browser.session as never, options, desk);
    this.#sharing = this.shared.share(URL);
    const { session } = this.shared;
    const { key } = session.invite("drive");
    const hello = { t: "hello", v: 1, session: session.id, key, name: "Eve", kind: "web" } as const;
    this.guest = session.hello(hello, this.connection)!;
    session.admit(this.guest.id);
    session.give(this.guest.id);
  }

  say(message: GuestMessage): void {
    this.shared.session.receive(this.guest, this.connection, message);
  }

  go(to: string): void {
    this.say({ t: "input", input: { type: "navigation", url: `${URL}${to}` } });
  }

  press(path: string): void {
    this.say({ t: "input", input: { type: "click", point: { path, x: 0.5, y: 0.5 } } });
  }

  /** Until the browser has done all that it is asked. */
  async run(): Promise<void> {
    for (let idle = 0; idle < 100; idle++) {
      if (this.browser.begun.length > 0) idle = 0;
      this.browser.begun.splice(0).forEach((finish) => finish());
      await undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.shared.stop();
    await this.#sharing;
  }
}

const TAKEN: Record<string, (driving: Driving) => void> = {
  "is taken": ({ shared }) => shared.session.take(),
  "is taken, and given again": ({ shared, guest }) => {
    shared.session.take();
    shared.session.give(guest.id);
  },
  "goes with who is sent away": ({ shared, guest }) => shared.session.remove(guest.id),
};

Deno.test("nothing that waits for its turn is done once control", async (t) => {
  for (const [name, take] of Object.entries(TAKEN)) {
    await t.step(name, async () => {
      await using driving = new Driving();
      const { browser, connection, guest } = driving;
      driving.go("slow");
      for (const path of ["#buy", "#pay"]) driving.press(path);
      await until(() => browser.begun.length === 1);
      take(driving);
      await driving.run();
      assert.deepEqual(browser.done, ["go slow"], "what was begun");
      const refused = connection.of("not").map(({ why }) => why);
      assert.deepEqual(refused, guest.connection ? ["no_control", "no_control"] : []);
    });
  }

  await t.step("is taken from who presses faster than the browser does", async () => {
    await using driving = new Driving();
    for (let n = 0; n < 20; n++) driving.press(`#b${n}`);
    driving.shared.session.take();
    await driving.run();
    assert.equal(driving.browser.done.length, 8);
  });

  await t.step("is taken, but all of it where control is handed back", async () => {
    await using driving = new Driving();
    driving.go("slow");
    driving.press("#buy");
    driving.say({ t: "yield" });
    await until(() => driving.browser.begun.length === 1);
    await driving.run();
    assert.deepEqual(driving.browser.done, ["go slow", "press #buy"]);
  });
});
