import assert from "node:assert/strict";
import { digestOf } from "../../../runtime/core/digest.ts";
import { openEnvelope, sealDocument } from "../../../runtime/core/dsse.ts";
import { TestHub, until, WHO } from "../hub_fixture.ts";
import { RawAgent } from "../raw_agent.ts";
import { signedList, signedMachine, works } from "../signed_lists.ts";
import { testInBothStores } from "../stores.ts";

const PLAN = {
  rings: [{ name: "canary", labels: ["canary"] }, { name: "all" }],
  gate: { okPercent: 100, settleMs: 0, withinMs: 60_000 },
};

testInBothStores("a rollout of an accept-list", {
  "tells the canary of it first, and the others when that does well": async (database) => {
    await using hub = await TestHub.start({ database });
    await using canary = await signedMachine(hub, { labels: ["canary"] });
    await using other = await signedMachine(hub);
    const { lists, rollouts } = hub.services;
    const first = signedList(hub, 1, null);
    await lists.put("acme", WHO, first);
    await canary.start();
    await other.start();
    await works(hub, canary, 1);
    await works(hub, other, 1);

    const plan = { ...PLAN, gate: { ...PLAN.gate, settleMs: 3_600_000 } };
    const second = signedList(hub, 2, first);
    const { id } = await rollouts.createForList("acme", WHO, second, plan);
    await works(hub, canary, 2);
    assert.equal((await hub.services.agents.get("acme", other.id)).list, 1);
    assert.equal((await lists.of("acme", other.id))!.version, 1, "nor when it asks for it");
    await assert.rejects(rollouts.createForList("acme", WHO, second, plan), { code: "conflict" });
    await assert.rejects(rollouts.takeBack("acme", WHO, id), { code: "conflict" });

    await hub.services.database.run(`UPDATE rollouts SET gate = '${JSON.stringify(PLAN.gate)}'`);
    await rollouts.stepAll();
    await works(hub, other, 2);
    await until(hub, async () => (await rollouts.get("acme", id)).state === "done");
  },
  "of a new epoch takes nobody for one that has it by the version of the one before": async (
    database,
  ) => {
    await using hub = await TestHub.start({ database });
    const { lists, rollouts } = hub.services;
    const first = signedList(hub, 1, null);
    const before = signedList(hub, 2, first);
    for (const list of [first, before]) await lists.put("acme", WHO, list);
    using agent = await RawAgent.enrolled(hub);
    using link = await agent.connect();
    const instance = crypto.randomUUID();
    const says = async (list: { epoch: number; version: number }) => {
      const policy = `sha256:${"0".repeat(64)}`;
      await link.say({ type: "hello", instance, version: "1", policy, list });
      await link.say({ type: "events", order: crypto.randomUUID(), events: [], over: true });
      await link.hear("stored");
      await rollouts.stepAll();
    };
    const root = { ...hub.root("acme"), version: 2, epoch: 2 };
    await lists.putRoot("acme", WHO, sealDocument("root", root, [hub.rootKey]), true);
    const prev = digestOf(openEnvelope("acceptlist", before).payload);
    const next = signedList(hub, 2, before, { epoch: 2, prev });
    const { id } = await rollouts.createForList("acme", WHO, next, {
      ...{ ...PLAN, rings: [{ name: "all" }] },
    });
    const state = async () => (await rollouts.get("acme", id)).state;
    await says({ epoch: 1, version: 2 });
    assert.equal(await state(), "running");
    await says({ epoch: 2, version: 2 });
    assert.equal(await state(), "done");
  },
  "holds back what was halted also while the next one is rolled out": async (database) => {
    await using hub = await TestHub.start({ database });
    await using canary = await signedMachine(hub, { labels: ["canary"] });
    await using other = await signedMachine(hub);
    const { lists, rollouts } = hub.services;
    const first = signedList(hub, 1, null);
    await lists.put("acme", WHO, first);
    const plan = { ...PLAN, gate: { ...PLAN.gate, settleMs: 3_600_000 } };
    const second = signedList(hub, 2, first);
    const { id } = await rollouts.createForList("acme", WHO, second, plan);
    await rollouts.halt("acme", WHO, id);
    await rollouts.createForList("acme", WHO, signedList(hub, 3, second), plan);
    const versions = async () =>
      await Promise.all(
        [canary, other].map(async ({ id }) => (await lists.of("acme", id))!.version),
      );
    assert.deepEqual(await versions(), [3, 1]);
    await other.start();
    await works(hub, other, 1);
  },
  "halts when what the canary runs under it goes wrong, and stays with it": async (database) => {
    await using hub = await TestHub.start({ database });
    hub.fleet.publish("1.0.0");
    await using canary = await signedMachine(hub, { labels: ["canary"] });
    await using other = await signedMachine(hub);
    const { lists, orders, rollouts } = hub.services;
    const first = signedList(hub, 1, null);
    await lists.put("acme", WHO, first);
    await canary.start();
    await other.start();
    await works(hub, other, 1);
    const plan = { ...PLAN, gate: { ...PLAN.gate, settleMs: 3_600_000 } };
    const second = signedList(hub, 2, first, { accept: [] });
    const { id } = await rollouts.createForList("acme", WHO, second, plan);
    await works(hub, canary, 2);
    await orders.create("acme", WHO, {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: 60_000 },
    });
    const { reason } = await until(hub, async () => {
      const rollout = await rollouts.get("acme", id);
      return rollout.state === "halted" && rollout;
    });
    assert.match(reason!, /^ring "canary": 1 of 1 did not do well/);
    assert.equal((await lists.of("acme", other.id))!.version, 1);
    // What is signed next goes to everybody, also to those whom the halted one did not reach.
    await lists.put("acme", WHO, signedList(hub, 3, second));
    await works(hub, other, 3);
    await works(hub, canary, 3);
  },
});
