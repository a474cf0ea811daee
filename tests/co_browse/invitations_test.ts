import assert from "node:assert/strict";
import { SESSION_LIMITS } from "../../scripts/co-browse/session/limits.ts";
import { FakeConnection, SessionStage } from "./session_stage.ts";

Deno.test("hello() lets nobody in before the sharing person has said so", () => {
  const stage = new SessionStage();
  const { guest, connection, say } = stage.comes();
  stage.shows("https://shop.example/secret-path");
  stage.session.local({ type: "scroll", element: null, x: 0, y: 0.5 });
  stage.session.say("p0", "hello");
  assert.deepEqual(connection.sent.map(({ t }) => t), ["wait"]);
  assert.equal(stage.synced.length, 0);
  stage.session.admit(guest.id);
  assert.equal(connection.of("welcome").length, 1);
  assert.equal(String(stage.synced), guest.id);
  assert.equal(connection.last("said").text, "hello");
  say({ t: "say", text: "hi" });
  assert.equal(connection.last("said").text, "hi");
});

Deno.test("hello() refuses a key that is forged, used, too old, or of another session", async (t) => {
  const cases: Record<string, (stage: SessionStage) => string> = {
    forged: () => "f".repeat(48),
    used: (stage) => {
      const { key } = stage.session.invite("drive");
      stage.session.hello(stage.hello(key), new FakeConnection());
      return key;
    },
    "too old": (stage) => {
      const { key, forMs } = stage.session.invite("drive");
      stage.now += forMs;
      return key;
    },
    "of another session": () => new SessionStage().session.invite("drive").key,
  };
  for (const [name, keyOf] of Object.entries(cases)) {
    await t.step(name, () => {
      const stage = new SessionStage();
      const connection = new FakeConnection();
      assert.equal(stage.session.hello(stage.hello(keyOf(stage)), connection), undefined);
      assert.deepEqual(connection.sent, [{ t: "ended", why: "invitation" }]);
      assert.ok(connection.closed);
    });
  }
  await t.step("but takes one in its last millisecond", () => {
    const stage = new SessionStage();
    const { key, forMs } = stage.session.invite("drive");
    stage.now += forMs - 1;
    assert.ok(stage.session.hello(stage.hello(key), new FakeConnection()));
  });
});

Deno.test("hello() uses a key up even where it comes too late", () => {
  const stage = new SessionStage();
  const { key, forMs } = stage.session.invite("drive");
  stage.now += forMs;
  stage.session.hello(stage.hello(key), new FakeConnection());
  stage.now -= forMs;
  assert.equal(stage.session.hello(stage.hello(key), new FakeConnection()), undefined);
});

Deno.test("hello() lets somebody come back once with each key for that, and ends the other connection", () => {
  const stage = new SessionStage();
  const { guest, connection } = stage.joins();
  const key = connection.last("welcome").resume;
  stage.session.lost(guest, connection);
  const second = new FakeConnection();
  assert.equal(stage.session.hello(stage.hello(key), second), guest);
  assert.equal(second.of("welcome").length, 1, "no second consent is asked for");
  const replayed = new FakeConnection();
  assert.equal(stage.session.hello(stage.hello(key), replayed), undefined);
  assert.equal(replayed.last("ended").why, "invitation");
  const third = new FakeConnection();
  assert.equal(stage.session.hello(stage.hello(second.last("welcome").resume), third), guest);
  assert.equal(second.last("ended").why, "replaced");
});

Deno.test("tick() ends who waits too long for a word, or is away too long", () => {
  const stage = new SessionStage();
  const waiting = stage.comes();
  const away = stage.joins();
  stage.session.lost(away.guest, away.connection);
  stage.now += SESSION_LIMITS.CONSENT_MS - 1;
  stage.session.tick();
  assert.equal(stage.session.people.length, 3);
  stage.now += 1;
  stage.session.tick();
  assert.equal(waiting.connection.last("ended").why, "not_admitted");
  assert.equal(stage.session.people.length, 1);
});

Deno.test("who was not let in waits no longer by coming back again and again", () => {
  const stage = new SessionStage();
  const { guest, connection } = stage.comes();
  let last = connection;
  for (
    let waited = 0;
    waited < SESSION_LIMITS.CONSENT_MS;
    waited += SESSION_LIMITS.CONSENT_MS / 4
  ) {
    stage.now += SESSION_LIMITS.CONSENT_MS / 4;
    const { resume } = last.last("wait");
    stage.session.lost(guest, last);
    last = new FakeConnection();
    assert.equal(stage.session.hello(stage.hello(resume), last), guest);
  }
  stage.session.tick();
  assert.equal(last.last("ended").why, "not_admitted");
});

Deno.test("a session goes by one clock of the sharing agent, which need not know the time of day", () => {
  const { now } = Date;
  // Each side, and each moment, has another time of day.
  let minutes = 0;
  Date.now = () => minutes++ % 2 * 10 * 60_000;
  try {
    const stage = new SessionStage();
    const { guest, connection, say } = stage.joins();
    stage.session.give(guest.id);
    stage.session.local({ type: "scroll", element: null, x: 0, y: 0.5 });
    stage.now += 12;
    say({ t: "done", seq: connection.last("input").seq });
    stage.session.tick();
    assert.deepEqual(stage.session.people.map(({ ms }) => ms), [0, 12]);
    assert.equal(connection.last("control").holder, guest.id);
  } finally {
    Date.now = now;
  }
});

Deno.test("hello() refuses more guests than the settings allow", () => {
  const stage = new SessionStage({ guests: 2 });
  assert.ok(stage.comes().guest && stage.comes().guest);
  const { key } = stage.session.invite("drive");
  const connection = new FakeConnection();
  assert.equal(stage.session.hello(stage.hello(key), connection), undefined);
  assert.equal(connection.last("ended").why, "full");
});

Deno.test("a guest's name shows nothing that hides or turns text", () => {
  const { guest } = new SessionStage().comes({ name: "\u202eBerta\u200b\n" });
  assert.equal(guest.name, "Berta");
  assert.equal(new SessionStage().comes({ name: "Anna”, p0" }).guest.name, "Anna, p0");
  assert.equal(new SessionStage().comes({ name: "\u200b" }).guest.name, "Guest 1");
});
