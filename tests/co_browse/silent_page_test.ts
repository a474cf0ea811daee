import assert from "node:assert/strict";
import { SharedBrowser } from "../../scripts/co-browse/host/shared_browser.ts";
import { newKey, newSessionId } from "../../scripts/co-browse/keys.ts";
import type { Guest } from "../../scripts/co-browse/session/guest.ts";
import { deskStanding, guestStanding } from "../../scripts/co-browse/viewer/page/words.js";
import { until } from "../until.ts";
import { FakeConnection } from "./session_stage.ts";

/** A browser whose page gives no snapshot until a test says so. */
class SilentBrowser {
  answers = false;
  asked = 0;
  readonly #events = new TransformStream<never, never>();
  readonly session = {
    id: "s",
    events: () => this.#events.readable,
    snapshot: () => {
      this.asked++;
      if (this.answers) return Promise.resolve({ n: 0, document: "d", json: "[]" });
      return Promise.reject(Object.assign(new Error("no answer"), { code: "unavailable" }));
    },
    state: () => Promise.resolve([]),
    sign: () => Promise.resolve(),
    close: () => this.#events.writable.close(),
  };
}

Deno.test("SharedBrowser tells everybody that its page does not answer, and when it does", async () => {
  const browser = new SilentBrowser();
  const clock = { now: 0 };
  const desk = new FakeConnection();
  const shared = new SharedBrowser(browser.session as never, {
    id: newSessionId(),
    name: "Anna",
    isFree: false,
    now: () => clock.now,
    newKey,
  }, { tell: (message) => desk.send(message), audit() {} });
  const sharing = shared.share("https://shop.example/");
  const comes = (kind: Guest["kind"]) => {
    const connection = new FakeConnection();
    const { id: session } = shared.session;
    const { key } = shared.session.invite("drive");
    const hello = { t: "hello", v: 1, session, key, name: "Ben", kind } as const;
    shared.session.admit(shared.session.hello(hello, connection)!.id);
    return connection;
  };
  const everybody = [comes("agent"), comes("web"), desk];
  const told = () => everybody.map((one) => one.of("browser").map(({ state }) => state));
  await until(() => browser.asked === 2);
  assert.deepEqual(told(), [[], [], []], "not at once, as there may be no page yet");
  clock.now = 20_000;
  await until(() => desk.of("browser").length > 0);
  assert.deepEqual(told(), [["silent"], ["silent"], ["silent"]]);
  browser.answers = true;
  await until(() => desk.of("browser").length > 1);
  assert.deepEqual(told(), everybody.map(() => ["silent", "answers"]));
  assert.equal(everybody[1]!.of("mirror").length, 1);
  shared.stop();
  await sharing;
});

Deno.test("pages say it as a sentence for as long as it is so", () => {
  const people = [{ id: "p0", kind: "host", role: "leader", name: "Anna", here: true }];
  const who = () => people[0];
  const panel = { you: "p1", holder: "p0", asking: [], people, who, host: "Anna" };
  const said = (["back", "gone", "silent", "answers"] as const).map((browser) => [
    guestStanding({ ...panel, browser })[1],
    deskStanding({ ...panel, browser })[1],
  ]);
  assert.deepEqual(said, [
    ["Anna has control", "Nobody sees your browser"],
    ["Anna's browser is gone; it is started again", "Your browser is gone; it is started again"],
    [
      "Anna's page does not answer; it is shown again as soon as it does",
      "Your page does not answer; it is shown again as soon as it does",
    ],
    ["Anna has control", "Nobody sees your browser"],
  ]);
});
