import assert from "node:assert/strict";
import { parseEnrolToken } from "../../runtime/agent/hub_link/enrol_token.ts";
import { sandboxRunner } from "../../runtime/agent/cells/sandbox_runner.ts";
import { loadAgentKey } from "../../runtime/agent/state/agent_key.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import type { HubEntry } from "../../runtime/policy/mod.ts";
import { TestAgent } from "../agent/agent_fixture.ts";
import { begin, fleetWith } from "../agent/channels/office.ts";
import { TestHub, until, WHO } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

const NOTE = { script: "acme/echo", name: "toner", at: 1, data: { left: 5 } };

testInBothStores("what a script tells the hub", {
  "is stored once when it is acknowledged, and shown to its own tenant": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    using link = await agent.connect();
    const id = crypto.randomUUID();
    for (let times = 0; times < 2; times++) {
      await link.say({ type: "inform", id, ...NOTE });
      assert.deepEqual(await link.hear("informed"), { type: "informed", id });
    }
    await link.say({ type: "trap", ...NOTE, name: "jam" });
    const list = async () => (await hub.services.scriptEvents.list("acme", agent.id)).items;
    await until(hub, async () => (await list()).length === 2);
    const shown = (await list()).map(({ kind, name, data }) => [kind, name, data]);
    assert.deepEqual(new Set(shown.map(([kind]) => kind)), new Set(["inform", "trap"]));
    assert.deepEqual(shown.find(([kind]) => kind === "inform"), ["inform", "toner", { left: 5 }]);
    await hub.addTenant("other");
    await assert.rejects(hub.services.scriptEvents.list("other", agent.id), { code: "not_found" });
  },
  "is bounded: the connection of who tells too much ends": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    using link = await agent.connect();
    await link.say({ type: "trap", ...NOTE, data: "x".repeat(4_001) });
    const end = await link.closed;
    assert.deepEqual([end.kind, end.kind === "closed" && end.code], ["closed", 4000]);
  },
  "may bear one name in two scripts": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    using link = await agent.connect();
    const facts = ["acme/echo", "acme/print"].map((script) => ({
      script,
      name: "toner",
      value: 5,
    }));
    await link.say({ type: "facts", facts: [...facts, { name: "os", value: "linux" }] });
    const told = await until(hub, async () => {
      const { facts } = await hub.services.agents.get("acme", agent.id);
      return facts.length === 3 && facts;
    });
    assert.deepEqual(told.map(({ script, name }) => [script, name]), [
      [null, "os"],
      ["acme/echo", "toner"],
      ["acme/print", "toner"],
    ]);
  },
});

/** Does with `ctx.hub` what its input says. */
const SCRIPT = `export default {
  async run({ fact, inform, trap }, ctx) {
    if (!ctx.hub) return "not lent";
    try {
      if (fact) await ctx.hub.fact(...fact);
      if (inform) await ctx.hub.inform(...inform);
      return trap ? await ctx.hub.trap(...trap) : "told";
    } catch (error) {
      return error.code;
    }
  },
};`;

Deno.test("ctx.hub tells facts, and events until the hub has them, over a restart", async (t) => {
  await using hub = await TestHub.start();
  const fleet = fleetWith({ hub: {} }, SCRIPT);
  const known: { hub?: HubEntry } = {};
  const rules = () =>
    Promise.resolve({ policy: fleet.policy(), sources: [fleet.source()], ...known });
  const options = { runner: sandboxRunner(), now: Date.now, rules };
  await using test = await TestAgent.start(options, fleet);
  const result = async (input: unknown) => {
    const { outcome } = await test.ended(await begin(test, input));
    return outcome?.outcome === "ok" ? outcome.result : outcome;
  };
  await t.step("not where the policy names no hub", async () => {
    assert.equal(await result({ inform: ["toner", 5] }), "unavailable");
    assert.equal(await result({ trap: ["jam"] }), false);
  });
  const { enrolment } = hub.services;
  const { token } = await enrolment.create("acme", WHO, { expiresMs: 60_000, approved: true });
  const { secret, hub: id } = parseEnrolToken(token);
  const { publicKey: key } = loadAgentKey(statePaths(test.stateDir).key);
  const list = async () => (await hub.services.scriptEvents.list("acme", test.agent.id)).items;
  await t.step("kept while the hub does not know the agent", async () => {
    known.hub = { url: hub.hub.url, id, tenant: "acme", others: [], facts: [] };
    await test.agent.reload();
    assert.equal(await result({ inform: ["toner", { left: 5 }], fact: ["pages", 7] }), "told");
    await test.agent.stop();
  });
  await enrolment.enrol("acme", { secret, key, name: "box" });
  await test.start({ ...options, runner: sandboxRunner() });
  await t.step("told after a restart", async () => {
    const [event] = await until(hub, async () => (await list()).length === 1 && await list());
    assert.deepEqual([event!.kind, event!.name, event!.data], ["inform", "toner", { left: 5 }]);
    const { facts } = await hub.services.agents.get("acme", test.agent.id);
    const told = facts.map(({ script, name, value }) => [script, name, value]);
    assert.deepEqual(told, [["acme/echo", "pages", 7]]);
  });
  await t.step("at once while it is connected; a fact is taken back by null", async () => {
    assert.equal(await result({ trap: ["jam", "tray 2"], fact: ["pages", null] }), true);
    await until(hub, async () => (await list()).some(({ kind }) => kind === "trap"));
    await until(hub, async () => {
      const { facts } = await hub.services.agents.get("acme", test.agent.id);
      return facts.length === 0;
    });
  });
  await t.step("and refuses what is too much", async () => {
    assert.equal(await result({ inform: ["Bad Name"] }), "invalid");
    assert.equal(await result({ inform: ["long", "x".repeat(4_000)] }), "invalid");
  });
});
