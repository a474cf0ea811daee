import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Lease } from "../../scripts/co-browse/session/lease.ts";
import { SESSION_LIMITS } from "../../scripts/co-browse/session/limits.ts";
import { WIRE_LIMITS } from "../../scripts/co-browse/wire/limits.ts";
import { until } from "../until.ts";
import { SessionStage } from "./session_stage.ts";

const scroll = { type: "scroll", element: null, x: 0, y: 0.5 } as const;

Deno.test("receive() takes what drives from the one who has control, and from nobody else", () => {
  const stage = new SessionStage();
  const [ben, cleo] = [stage.joins({ name: "Ben" }), stage.joins({ name: "Cleo" })];
  ben.say({ t: "input", input: scroll });
  assert.deepEqual(ben.connection.last("not"), { t: "not", why: "no_control" });
  stage.session.give(ben.guest.id);
  ben.say({ t: "input", input: scroll });
  cleo.say({ t: "input", input: scroll });
  assert.deepEqual(stage.applied, [{ from: ben.guest.id, input: { ...scroll, tab: 1 } }]);
  assert.equal(cleo.connection.last("not").why, "no_control");
});

Deno.test("receive() takes what names no page as done to the one that is looked at", () => {
  const stage = new SessionStage();
  const ben = stage.joins({ name: "Ben" });
  stage.session.give(ben.guest.id);
  const tabs = [1, 2].map((tab) => ({ tab, url: "https://shop.example/" }));
  stage.session.show({ active: 2, tabs });
  ben.say({ t: "input", input: scroll });
  ben.say({ t: "input", input: { ...scroll, tab: 1 } });
  assert.deepEqual(
    stage.applied.map(({ input }) => input),
    [2, 1].map((tab) => ({
      ...scroll,
      tab,
    })),
  );
});

Deno.test("receive() lets nobody ask who was invited to watch", () => {
  const stage = new SessionStage({ isFree: true });
  const watcher = stage.joins({ kind: "web" }, "watch");
  watcher.say({ t: "ask" });
  assert.equal(watcher.connection.last("not").why, "only_watching");
  stage.session.give(watcher.guest.id);
  assert.equal(watcher.connection.last("control").holder, "p0");
});

Deno.test("of two who ask at once the first message wins, and the other is next", () => {
  const stage = new SessionStage({ isFree: true });
  const [ben, cleo] = [stage.joins(), stage.joins()];
  cleo.say({ t: "ask" });
  ben.say({ t: "ask" });
  const { holder, asking } = ben.connection.last("control");
  assert.deepEqual([holder, asking], [cleo.guest.id, [ben.guest.id]]);
  cleo.say({ t: "yield" });
  assert.equal(ben.connection.last("control").holder, ben.guest.id);
});

Deno.test("control that waits for the sharing person's word is given by it alone", () => {
  const stage = new SessionStage();
  const [ben, cleo] = [stage.joins(), stage.joins()];
  ben.say({ t: "ask" });
  assert.equal(ben.connection.last("control").holder, "p0");
  cleo.say({ t: "yield", to: ben.guest.id });
  assert.equal(ben.connection.last("control").holder, "p0");
  stage.session.give(ben.guest.id);
  assert.equal(ben.connection.last("control").holder, ben.guest.id);
  ben.say({ t: "yield", to: cleo.guest.id });
  assert.equal(ben.connection.last("control").holder, cleo.guest.id);
  stage.session.take();
  assert.equal(ben.connection.last("control").holder, "p0");
});

Deno.test("control goes back when it is not used, when its holder leaves, and not before", () => {
  const stage = new SessionStage();
  const { guest, connection, say } = stage.joins();
  stage.session.give(guest.id);
  stage.now += SESSION_LIMITS.LEASE_MS - 1;
  say({ t: "input", input: scroll });
  stage.now += SESSION_LIMITS.LEASE_MS - 1;
  stage.session.tick();
  assert.equal(connection.last("control").holder, guest.id);
  stage.now += 1;
  stage.session.tick();
  assert.equal(connection.last("control").holder, "p0");
  stage.session.give(guest.id);
  say({ t: "leave" });
  assert.equal(stage.session.people[0]!.role, "leader");
});

Deno.test("stop() ends it for everybody at once, and nothing comes in any more", () => {
  const stage = new SessionStage();
  const ben = stage.joins();
  stage.session.give(ben.guest.id);
  stage.session.stop("stopped");
  assert.equal(ben.connection.sent.at(-1)!.t, "ended");
  assert.ok(ben.connection.closed);
  const sent = ben.connection.sent.length;
  ben.say({ t: "input", input: scroll });
  stage.session.local(scroll);
  stage.shows("https://elsewhere.example/");
  assert.deepEqual([stage.applied, ben.connection.sent.length], [[], sent]);
});

Deno.test("receive() ends a guest who floods, and leaves out pointing before that", () => {
  for (
    const message of [
      { t: "point", at: { path: "body", x: 0.5, y: 0.5 } },
      { t: "mark", element: { path: "body" } },
    ] as const
  ) {
    const stage = new SessionStage();
    const [ben, cleo] = [stage.joins(), stage.joins()];
    for (let i = 0; i < WIRE_LIMITS.MESSAGES_AT_ONCE; i++) ben.say(message);
    assert.equal(cleo.connection.of(message.t).length, WIRE_LIMITS.POINTS_PER_SECOND);
    assert.ok(!ben.connection.closed);
    ben.say(message);
    assert.equal(ben.connection.last("ended").why, "too_fast");
  }
});

Deno.test("receive() leaves out what is drawn faster than a hand draws", () => {
  for (const points of [1, 8, 100, WIRE_LIMITS.STROKE_POINTS]) {
    const stage = new SessionStage();
    const [ben, cleo] = [stage.joins(), stage.joins()];
    const stroke = { n: 1, element: { path: "body" }, points: Array(points).fill([0, 0]) };
    for (let i = 0; i < 100; i++) ben.say({ t: "draw", stroke });
    const most = Math.floor(WIRE_LIMITS.DRAWN_AT_ONCE / Math.max(points, WIRE_LIMITS.DRAWN_LEAST));
    assert.equal(cleo.connection.of("draw").length, most, `${points} points`);
    assert.equal(stage.drawn.length, most);
    assert.equal(ben.connection.of("draw").length, 0);
    stage.now += 1_000 * WIRE_LIMITS.DRAWN_AT_ONCE / WIRE_LIMITS.DRAWN_PER_SECOND;
    ben.say({ t: "draw", stroke });
    assert.equal(cleo.connection.of("draw").length, most + 1);
  }
});

Deno.test("point() tells browsers every place at once, and pages the last one of a frame", async () => {
  const stage = new SessionStage();
  const [ben, viewer] = [stage.joins(), stage.joins({ kind: "web" })];
  const places = [0.1, 0.2, 0.3].map((x) => ({ path: "body", x, y: 0.5 }));
  for (const at of places) stage.session.point("p0", at);
  assert.deepEqual(ben.connection.of("point").map(({ at }) => at), places);
  await until(() => viewer.connection.of("point").length > 0);
  assert.deepEqual(viewer.connection.of("point").map(({ at }) => at), [places[2]]);
});

Deno.test("receive() leaves out chat of somebody who says too much, and tells them", () => {
  const stage = new SessionStage();
  const [ben, cleo] = [stage.joins(), stage.joins({}, "watch")];
  for (let i = 0; i <= WIRE_LIMITS.LINES_AT_ONCE; i++) cleo.say({ t: "say", text: `line ${i}` });
  assert.equal(ben.connection.of("said").length, WIRE_LIMITS.LINES_AT_ONCE);
  assert.equal(cleo.connection.last("not").why, "refused");
  stage.now += 1_000 / WIRE_LIMITS.LINES_PER_SECOND;
  cleo.say({ t: "say", text: "at rest" });
  assert.equal(ben.connection.last("said").text, "at rest");
});

Deno.test("a leader closes pages but not the last one, and never changes the shared window", () => {
  const stage = new SessionStage();
  const ben = stage.joins({ kind: "web" });
  stage.session.give(ben.guest.id);
  const close = { type: "tab", tab: 1, action: "close" } as const;
  const size = { type: "viewport", width: 8_000, height: 8_000 } as const;
  const url = "https://shop.example/";
  stage.shows(url);
  for (const input of [close, size]) ben.say({ t: "input", input });
  assert.deepEqual(ben.connection.of("not").map(({ why }) => why), ["refused", "refused"]);
  assert.deepEqual(stage.applied, []);
  stage.session.show({ active: 1, tabs: [{ tab: 1, url }, { tab: 2, url }] });
  ben.say({ t: "input", input: close });
  assert.deepEqual(stage.applied.map(({ input }) => input), [close]);
});

Deno.test("receive() ends who sends what is no message, or anything before being let in", () => {
  const stage = new SessionStage();
  const [ben, cleo] = [stage.joins(), stage.comes()];
  stage.session.receive(ben.guest, ben.connection, undefined);
  assert.equal(ben.connection.last("ended").why, "malformed");
  cleo.say({ t: "say", text: "let me in" });
  assert.equal(cleo.connection.last("ended").why, "malformed");
  assert.equal(stage.session.people.length, 1);
});

Deno.test("the log says who saw which origin, once for each, and no path", () => {
  const stage = new SessionStage();
  stage.shows("https://shop.example/cart?card=4111");
  const { guest } = stage.joins();
  stage.shows("https://shop.example/pay?card=4111");
  stage.shows("https://bank.example/");
  const saw = stage.audited.filter(({ event }) => event === "saw").map(({ data }) => data);
  const who = [{ id: guest.id, name: "Ben" }];
  const { id: session } = stage.session;
  assert.deepEqual(saw, [
    { session, origin: "https://shop.example", who },
    { session, origin: "https://bank.example", who },
  ]);
  assert.doesNotMatch(JSON.stringify(stage.audited), /4111/);
});

Deno.test("Lease.ask() gives free control to who waits and asks again after the host took it", () => {
  const lease = new Lease(100, true);
  lease.ask("a", 0);
  lease.ask("b", 0);
  lease.take();
  lease.ask("b", 1);
  assert.deepEqual([lease.holder, lease.asking], ["b", []]);
});

Deno.test("Lease has one holder at most, who asked or was given control, whatever happens", () => {
  const names = fc.constantFrom("a", "b", "c");
  const step = fc.oneof(
    fc.record({ do: fc.constant("ask" as const), who: names }),
    fc.record({ do: fc.constant("give" as const), who: names }),
    fc.record({ do: fc.constant("take" as const), who: names }),
    fc.record({ do: fc.constant("leave" as const), who: names }),
    fc.record({ do: fc.constant("wait" as const), who: names }),
  );
  fc.assert(fc.property(fc.boolean(), fc.array(step, { maxLength: 60 }), (isFree, steps) => {
    const lease = new Lease(100, isFree);
    let now = 0;
    const known = new Set<string>();
    for (const { do: what, who } of steps) {
      if (what === "ask") lease.ask(who, now), known.add(who);
      else if (what === "give") lease.give(who, now), known.add(who);
      else if (what === "take") lease.take();
      else if (what === "leave") lease.leave(who, now), known.delete(who);
      else now += 60, lease.expire(now);
      if (lease.holder !== undefined) assert.ok(known.has(lease.holder));
      assert.ok(!lease.asking.includes(lease.holder ?? ""));
      assert.equal(new Set(lease.asking).size, lease.asking.length);
      if (isFree && what === "ask") assert.notEqual(lease.holder, undefined);
    }
  }));
});
