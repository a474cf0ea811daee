/** The hub's clock jumps: by a dead battery, by a time server that is wrong, or by a hand. */
import assert from "node:assert/strict";
import { PresenceTable } from "../../../runtime/hub/link/presence_table.ts";
import { endSecrets } from "../../../runtime/hub/retention/end_secrets.ts";
import { SteadyClock } from "../../../runtime/hub/steady_clock.ts";
import { HUB_LIMITS } from "../../../runtime/hub/mod.ts";
import { parseEnrolToken } from "../../../runtime/agent/hub_link/enrol_token.ts";
import { TestHub, until, WHO } from "../hub_fixture.ts";
import { RawAgent } from "../raw_agent.ts";
import { testInBothStores } from "../stores.ts";
import { userFixture } from "../users/fixture.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Two clocks that a test moves: one that goes evenly, and one that is set. */
class TestClocks {
  /** How much time has passed. */
  passed = 0;
  /** What the clock is ahead of what it should be. */
  wrong = 0;
  readonly now = () => Date.now() + this.passed + this.wrong;
  readonly uptime = () => performance.now() + this.passed;
}

Deno.test("SteadyClock follows what drifts or goes back, and a jump ahead after an hour", () => {
  let [uptime, now] = [5_000, 1_000_000_000];
  const clock = new SteadyClock({ now: () => now, uptime: () => uptime });
  const steps: [string, number, number, number][] = [
    // What happens, how long it takes, how far the clock goes; how far the steady one has come.
    ["time passes", 10_000, 10_000, 10_000],
    ["it drifts", 10_000, 40_000, 50_000],
    ["it jumps ahead", 10_000, DAY, 60_000],
    ["it stays there", HOUR - 1, HOUR - 1, 60_000 + HOUR - 1],
    ["it is corrected", 0, 10_000 - DAY, 60_000 + HOUR - 1],
    ["it jumps again", 1, 1 + DAY, 60_000 + HOUR],
    ["it stays for an hour", HOUR, HOUR, 60_000 + 2 * HOUR + DAY],
    ["it is set back", 1, -HOUR, 60_000 + HOUR + DAY],
  ];
  const begun = now;
  for (const [name, passes, goes, wanted] of steps) {
    uptime += passes;
    now += goes;
    assert.equal(clock.now() - begun, wanted, name);
  }
});

testInBothStores("a hub whose clock jumps", {
  "ahead ends and removes nothing, unless the clock stays there": async (database) => {
    const clocks = new TestClocks();
    const { now, uptime } = clocks;
    await using hub = await TestHub.start({ database, now, uptime });
    hub.fleet.publish("1.0.0");
    const { services } = hub;
    const agent = await RawAgent.enrolled(hub);
    using _agent = agent;
    const { token } = await services.tokens.create("acme", WHO, {
      ...{ name: "test", scopes: ["orders:read"], expiresMs: 12 * HOUR },
    });
    const order = await services.orders.create("acme", WHO, {
      script: { name: "acme/echo", range: "*" },
      ...{ select: "all", expiresMs: 12 * HOUR },
    });
    const found = async () => {
      const kept = services.orders.get("acme", order.id);
      const counts = await kept.then(({ counts }) => counts, () => undefined);
      return [counts?.queued, counts?.expired, await services.tokens.admit(token) !== undefined];
    };
    clocks.passed += 2 * HOUR;
    await hub.hub.round();
    assert.deepEqual(await found(), [1, 0, true]);

    clocks.wrong = 400 * DAY;
    await hub.hub.round();
    assert.deepEqual(await found(), [1, 0, false], "a token is refused while its time seems over");
    clocks.wrong = 0;
    await hub.hub.round();
    assert.deepEqual(await found(), [1, 0, true]);

    clocks.wrong = DAY;
    await hub.hub.round();
    clocks.passed += HOUR;
    await hub.hub.round();
    assert.deepEqual(await found(), [0, 1, false]);
    clocks.wrong = 0;
    await hub.hub.round();
    assert.deepEqual(await found(), [0, 1, false], "what was ended stays so");

    clocks.wrong = HUB_LIMITS.KEPT_MS + 2 * DAY;
    await hub.hub.round();
    clocks.passed += HOUR;
    await hub.hub.round();
    assert.equal((await found())[0], undefined, "it was removed");
  },
  "back makes no token good again, and its audit log goes on behind": async (database) => {
    const clocks = new TestClocks();
    const { now, uptime } = clocks;
    await using hub = await TestHub.start({ database, now, uptime });
    const { services } = hub;
    const expiresMs = HOUR;
    const api = await services.tokens.create("acme", WHO, {
      ...{ name: "test", scopes: ["orders:read"], expiresMs },
    });
    using early = await RawAgent.enrolled(hub);
    const enrol = await services.enrolment.create("acme", WHO, { expiresMs });
    const { secret } = parseEnrolToken(enrol.token);
    const request = { secret, key: early.signer.publicKey, name: "box" };
    const isGood = async () => [
      await services.tokens.admit(api.token) !== undefined,
      await services.enrolment.enrol("acme", request).then(() => true, ({ code }) => code),
    ];
    assert.deepEqual(await isGood(), [true, true], "a machine may ask again");
    clocks.passed += 2 * HOUR;
    await services.audit.record("acme", { who: WHO, action: "looked", subject: "the clock" });
    await hub.hub.round();
    clocks.wrong = -90 * MINUTE;
    assert.deepEqual(await isGood(), [false, "token_spent"]);
    await services.audit.record("acme", { who: WHO, action: "looked", subject: "the clock" });
    const { items } = await services.audit.list("acme");
    const [last, before] = items;
    assert.deepEqual([last!.action, before!.action], ["looked", "looked"]);
    assert.ok(last!.seq > before!.seq && last!.at < before!.at);
  },
  "back sends again what was not acknowledged, and takes no silent agent for online": async (
    database,
  ) => {
    const clocks = new TestClocks();
    const { now, uptime } = clocks;
    await using hub = await TestHub.start({ database, now, uptime });
    hub.fleet.publish("1.0.0");
    using agent = await RawAgent.enrolled(hub);
    using link = await agent.connect();
    await link.hello();
    await hub.services.orders.create("acme", WHO, {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 12 * HOUR },
    });
    const { order } = await link.hear("order");
    clocks.wrong = -HOUR;
    await hub.hub.round();
    assert.equal((await link.hear("order")).order, order);

    const presence = async () => (await hub.services.agents.get("acme", agent.id)).presence.state;
    assert.equal(await presence(), "online");
    clocks.passed += 2 * MINUTE;
    assert.equal(await presence(), "late");
    await link.say({ type: "alive" });
    await until(hub, async () => {
      await hub.hub.round();
      return await presence() === "online";
    });
  },
  "ends sessions for good, and those that were begun under a clock that was ahead": async (
    database,
  ) => {
    await using users = await userFixture(database);
    const { clock, sessions } = users;
    const ada = await users.user("ada");
    const isGood = async (cookie: string) => await sessions.find(cookie) !== undefined;
    const round = () => endSecrets(users.database, clock.now);
    const cookie = await users.begin(ada);
    await round();
    assert.ok(await isGood(cookie));
    clock.now += DAY;
    await round();
    const ahead = await users.begin(ada);
    await round();
    assert.ok(await isGood(ahead));
    clock.now -= DAY;
    await round();
    assert.deepEqual([await isGood(cookie), await isGood(ahead)], [false, false]);
  },
  "takes another hub for gone that says nothing, by no clock": async (database) => {
    const clocks = new TestClocks();
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    const { database: store } = hub.services;
    const tableOf = (name: string) => new PresenceTable({ ...clocks, database: store, hub: name });
    const [here, there] = [tableOf("here"), tableOf("there")];
    const link = { tenant: "acme", agent: agent.id, id: crypto.randomUUID(), seen: clocks.now() };
    await here.begin(link);
    const beat = (table: PresenceTable) => table.beat("http://127.0.0.1", 45_000);
    const where = async () =>
      (await store.get<{ hub: string | null }>("SELECT hub FROM agents"))!.hub;
    await beat(here);
    await beat(there);
    clocks.wrong = -DAY;
    await beat(here);
    clocks.wrong = DAY;
    await beat(there);
    assert.equal(await where(), "here", "whatever the clocks say");
    clocks.passed += 46_000;
    await beat(there);
    assert.equal(await where(), null, "as it said nothing for so long");
    await here.heard([link]);
    assert.equal(await where(), "here", "it is there all the same");
    await beat(here);
    clocks.passed += 46_000;
    await beat(there);
    await beat(there);
    await here.end(link, "closed");
    await here.heard([]);
    assert.equal(await where(), null);
  },
});
