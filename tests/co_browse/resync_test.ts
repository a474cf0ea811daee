import assert from "node:assert/strict";
import { SharedBrowser } from "../../scripts/co-browse/host/shared_browser.ts";
import { newKey, newSessionId } from "../../scripts/co-browse/keys.ts";
import { WIRE_LIMITS } from "../../scripts/co-browse/wire/limits.ts";
import { until } from "../until.ts";
import { FakeConnection } from "./session_stage.ts";

Deno.test("SharedBrowser answers who asks for its state without rest as often as it may", async () => {
  const events = new TransformStream<never, never>();
  const clock = { now: 0 };
  let asked = 0;
  const browser = {
    events: () => events.readable,
    state: () => {
      asked++;
      return Promise.resolve([]);
    },
    sign: () => Promise.resolve(),
    close: () => events.writable.close(),
  };
  const options = { id: newSessionId(), name: "Anna", isFree: false, now: () => clock.now, newKey };
  const shared = new SharedBrowser(browser as never, options, { tell() {}, audit() {} });
  const sharing = shared.share("https://shop.example/");
  const { session } = shared;
  const connection = new FakeConnection();
  const { key } = session.invite("watch");
  const hello = { t: "hello", v: 1, session: session.id, key, name: "Eve", kind: "agent" } as const;
  const guest = session.hello(hello, connection)!;
  session.admit(guest.id);
  for (let n = 0; n < 100; n++) session.receive(guest, connection, { t: "resync" });
  await until(() => connection.of("state").length === WIRE_LIMITS.SYNCS_AT_ONCE);
  assert.equal(asked, WIRE_LIMITS.SYNCS_AT_ONCE);
  // One is still due: for all that were asked for meanwhile.
  clock.now = 1_000;
  await until(() => connection.of("state").length === WIRE_LIMITS.SYNCS_AT_ONCE + 1);
  shared.stop();
  await sharing;
});
