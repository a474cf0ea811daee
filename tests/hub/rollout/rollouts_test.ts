import assert from "node:assert/strict";
import { sealDocument } from "../../../runtime/core/dsse.ts";
import { HUB_LIMITS, type Rollout } from "../../../runtime/hub/mod.ts";
import { RolloutSteps } from "../../../runtime/hub/rollout/rollout_steps.ts";
import { TestHub, until, WHO } from "../hub_fixture.ts";
import { testInBothStores } from "../stores.ts";
import { becomes, fleetOfThree, GATE, of, ran, rings, unpinned } from "./fleet_of_three.ts";

testInBothStores("a rollout", {
  "runs a version on the canary first, then on everybody, and keeps its figures": async (
    database,
  ) => {
    await using started = new AsyncDisposableStack();
    const { hub, machines, rollouts } = await fleetOfThree(started, database);
    const { id } = await rollouts.create("acme", WHO, of(hub));
    const done = await becomes(hub, id, "done");
    const figures = ({ rings }: Rollout) =>
      rings.map(({ name, size, good, bad }) => [name, size, good, bad]);
    assert.deepEqual(figures(done), [["canary", 1, 1, 0], ["all", 2, 2, 0]]);
    // As retention removes orders that are old.
    await hub.services.database.run("DELETE FROM deliveries", []);
    assert.deepEqual(figures(await rollouts.get("acme", id)), figures(done));
    assert.ok(done.rings[0]!.passed! <= done.rings[1]!.started!);
    assert.deepEqual(ran(machines), [["1.1.0"], ["1.1.0"], ["1.1.0"]]);
  },
  "halts when the canary fails, reaches nobody else, and is taken back": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, machines, rollouts } = await fleetOfThree(started, database);
    const [canary] = machines;
    canary!.runner.answer = ({ scriptUrl }) =>
      scriptUrl.endsWith("1.1.0")
        ? { outcome: "script_error", detail: { name: "Error", message: "no", stack: "" } }
        : { outcome: "ok", result: null };
    const { id } = await rollouts.create("acme", WHO, of(hub));
    const halted = await becomes(hub, id, "halted");
    assert.match(halted.reason!, /^ring "canary": 1 of 1 did not do well/);
    assert.deepEqual(halted.rings[1]!.started, null);
    const reasons = halted.rings[0]!.reasons.map(({ code, count }) => [code, count]);
    assert.deepEqual(reasons, [["script_error", 1]]);
    assert.deepEqual(ran(machines), [["1.1.0"], [], []]);

    await rollouts.takeBack("acme", WHO, id);
    const { back } = await until(hub, async () => {
      const rollout = await rollouts.get("acme", id);
      return rollout.back?.good === 1 && rollout;
    });
    assert.deepEqual([back!.size, back!.bad], [1, 0]);
    await assert.rejects(rollouts.takeBack("acme", WHO, id), { code: "conflict" });
    assert.deepEqual(ran(machines), [["1.1.0", "1.0.0"], [], []]);
    const { items } = await hub.services.audit.list("acme", { subject: id });
    assert.deepEqual(
      items.map(({ who, action }) => [who, action]).reverse(),
      [[WHO, "rollout_begun"], ["system", "rollout_halted"], [WHO, "rollout_returned"]],
    );
  },
  "says how many refused to go back, and asks nobody who was revoked": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, machines, rollouts } = await fleetOfThree(started, database);
    const { id } = await rollouts.create("acme", WHO, of(hub));
    await becomes(hub, id, "done");
    const [canary, other, revoked] = machines;
    canary!.rules = unpinned.get(canary!)!;
    await canary!.restart();
    await hub.services.agents.revoke("acme", WHO, revoked!.id, "lost");
    await rollouts.takeBack("acme", WHO, id);
    const { back } = await until(hub, async () => {
      const rollout = await rollouts.get("acme", id);
      return rollout.back !== null && rollout.back.good + rollout.back.bad === 2 && rollout;
    });
    assert.deepEqual([back!.size, back!.good, back!.bad], [2, 1, 1]);
    assert.deepEqual(ran([other!]), [["1.1.0", "1.0.0"]]);
  },
  "is taken back again where the order to go back was refused": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, machines, rollouts } = await fleetOfThree(started, database);
    const { id } = await rollouts.create("acme", WHO, of(hub));
    await becomes(hub, id, "done");
    const room = async (maxQueued: number) =>
      await hub.services.database.run("UPDATE tenants SET max_queued = ?1", [maxQueued]);
    await room(0);
    await assert.rejects(rollouts.takeBack("acme", WHO, id), { code: "quota" });
    const refused = await rollouts.get("acme", id);
    assert.deepEqual([refused.state, refused.back], ["returned", null]);
    await room(1_000);
    await rollouts.takeBack("acme", WHO, id);
    const { back } = await until(hub, async () => {
      const rollout = await rollouts.get("acme", id);
      return rollout.back?.good === 3 && rollout;
    });
    assert.equal(back!.size, 3);
    for (const versions of ran(machines)) assert.deepEqual(versions, ["1.1.0", "1.0.0"]);
    await assert.rejects(rollouts.takeBack("acme", WHO, id), { code: "conflict" });
  },
  "that was halted begins its ring anew when it is resumed": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, machines, rollouts } = await fleetOfThree(started, database);
    let isWell = false;
    machines[0]!.runner.answer = () =>
      isWell
        ? { outcome: "ok", result: null }
        : { outcome: "script_error", detail: { name: "Error", message: "no", stack: "" } };
    const { id } = await rollouts.create("acme", WHO, of(hub));
    await becomes(hub, id, "halted");
    isWell = true;
    await rollouts.resume("acme", WHO, id);
    const { rings } = await becomes(hub, id, "done");
    assert.deepEqual(rings.map(({ good, bad }) => [good, bad]), [[1, 0], [2, 0]]);
    assert.deepEqual(ran(machines), [["1.1.0", "1.1.0"], ["1.1.0"], ["1.1.0"]]);
  },
  "that is refused leaves nothing behind": async (database) => {
    await using hub = await TestHub.start({ database });
    await using machine = await hub.machine();
    await machine.enrol();
    const { rollouts, lists, content, scripts } = hub.services;
    const request = of(hub);
    const everybody = { subject: request.subject, gate: GATE };
    await assert.rejects(rollouts.create("acme", WHO, request), { code: "bad_request" });
    const { envelope, module, digest } = hub.fleet.publish("1.0.0");
    await content.put("acme", digest, ReadableStream.from([module]));
    await scripts.publish("acme", WHO, envelope);
    await assert.rejects(rollouts.create("acme", WHO, everybody), { code: "bad_request" }, "1.1.0");
    const known = { ...everybody, subject: { ...request.subject, version: "1.0.0" } };
    const root = hub.root("acme");
    const { hub: _, ...orderers } = root.orderers;
    const next = sealDocument("root", { ...root, version: 2, orderers }, [hub.rootKey]);
    await lists.putRoot("acme", WHO, next);
    await assert.rejects(rollouts.create("acme", WHO, known), { code: "no_orderer_key" });
    assert.deepEqual((await rollouts.list("acme")).items, []);
    await lists.putRoot("acme", WHO, sealDocument("root", { ...root, version: 3 }, [hub.rootKey]));
    const { id } = await rollouts.create("acme", WHO, known);
    await assert.rejects(rollouts.create("acme", WHO, known), { code: "conflict" });
    await rollouts.halt("acme", WHO, id);
    await rollouts.create("acme", WHO, known);
  },
  "whose order agents would refuse is refused as a whole": async (database) => {
    await using hub = await TestHub.start({ database });
    await using machine = await hub.machine();
    await machine.enrol();
    const { rollouts, content, scripts } = hub.services;
    const inputSchema = { type: "object", required: ["text"] } as const;
    const { envelope, module, digest } = hub.fleet.publish("1.1.0", { inputSchema });
    await content.put("acme", digest, ReadableStream.from([module]));
    await scripts.publish("acme", WHO, envelope);
    const { subject, gate } = of(hub);
    await assert.rejects(rollouts.create("acme", WHO, { subject, gate }), { code: "input" });
    assert.deepEqual((await rollouts.list("acme")).items, []);
    const right = { ...subject, input: { text: "hello" } };
    await rollouts.create("acme", WHO, { subject: right, gate });
  },
  "is refused where a hundred others are under way": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, rollouts } = await fleetOfThree(started, database);
    const copy = async (id: number) =>
      await hub.services.database.run(
        `INSERT INTO rollouts (tenant, id, subject, gate, state, who, created, updated)
         VALUES ('acme', ?1, ?2, '{}', 'paused', 'ada', 1, 1)`,
        [`${id}`, JSON.stringify({ kind: "script", script: `acme/other-${id}` })],
      );
    for (let id = 1; id < HUB_LIMITS.ROLLOUTS; id++) await copy(id);
    const { id } = await rollouts.create("acme", WHO, of(hub));
    await rollouts.halt("acme", WHO, id);
    await copy(HUB_LIMITS.ROLLOUTS);
    await assert.rejects(rollouts.create("acme", WHO, of(hub)), { code: "quota" });
  },
  "halts with the reason where the order of a ring is refused": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, rollouts } = await fleetOfThree(started, database);
    const room = async (maxQueued: number) =>
      await hub.services.database.run("UPDATE tenants SET max_queued = ?1", [maxQueued]);
    await room(0);
    const { id } = await rollouts.create("acme", WHO, of(hub));
    const halted = await rollouts.get("acme", id);
    assert.equal(halted.state, "halted");
    assert.match(halted.reason!, /^ring "canary": Cannot take the order as "acme" has 0 waiting/);
    await room(1_000);
    await rollouts.resume("acme", WHO, id);
    await becomes(hub, id, "done");
  },
  "that is stopped while its next ring begins orders that ring no more": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, machines, rollouts } = await fleetOfThree(started, database);
    const { orders } = hub.services;
    const create = orders.create.bind(orders);
    const stops = { halt: "halted", pause: "paused", takeBack: "returned" } as const;
    for (const [verb, state] of Object.entries(stops)) {
      let rings = 0;
      orders.create = async (...args) => {
        if (++rings === 2) {
          const [newest] = (await rollouts.list("acme")).items;
          await rollouts[verb as keyof typeof stops]("acme", WHO, newest!.id);
        }
        return await create(...args);
      };
      const { id } = await rollouts.create("acme", WHO, of(hub));
      const { rings: [canary, all] } = await becomes(hub, id, state);
      await rollouts.stepAll();
      assert.notEqual(canary!.order, null, verb);
      assert.equal(all!.order, null, verb);
      if (state === "paused") await rollouts.halt("acme", WHO, id);
    }
    for (const { runner } of machines.slice(1)) assert.equal(runner.started.length, 0);
  },
  "that two people take back at once is ordered back once": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, machines, rollouts } = await fleetOfThree(started, database);
    const { id } = await rollouts.create("acme", WHO, of(hub));
    await becomes(hub, id, "done");
    const both = [rollouts.takeBack("acme", WHO, id), rollouts.takeBack("acme", "user:ben", id)];
    const answers = await Promise.allSettled(both);
    assert.deepEqual(answers.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    const { back } = await until(hub, async () => {
      const rollout = await rollouts.get("acme", id);
      return rollout.back?.good === 3 && rollout;
    });
    assert.equal(back!.bad, 0);
    for (const versions of ran(machines)) assert.deepEqual(versions, ["1.1.0", "1.0.0"]);
  },
  "that is paused begins no ring until it is resumed": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, machines, rollouts } = await fleetOfThree(started, database);
    const held = Promise.withResolvers<void>();
    machines[0]!.runner.answer = async () => {
      await held.promise;
      return { outcome: "ok", result: null };
    };
    const { id, rings: [canary] } = await rollouts.create("acme", WHO, of(hub));
    await rollouts.pause("acme", WHO, id);
    held.resolve();
    await until(
      hub,
      async () => (await hub.services.orders.get("acme", canary!.order!)).counts.ended === 1,
    );
    await rollouts.stepAll();
    assert.deepEqual(ran(machines), [["1.1.0"], [], []]);
    await rollouts.resume("acme", WHO, id);
    await becomes(hub, id, "done");
    assert.deepEqual(ran(machines), [["1.1.0"], ["1.1.0"], ["1.1.0"]]);
  },
  "is turned only from where it stands": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, rollouts } = await fleetOfThree(started, database);
    const { id } = await rollouts.create("acme", WHO, of(hub, null));
    await becomes(hub, id, "done");
    for (const verb of ["pause", "resume", "halt", "takeBack"] as const) {
      await assert.rejects(rollouts[verb]("acme", WHO, id), { code: "conflict" }, verb);
      await assert.rejects(rollouts[verb]("acme", WHO, "other"), { code: "not_found" }, verb);
    }
    await hub.addTenant("empty");
    await assert.rejects(rollouts.create("empty", WHO, of(hub)), { code: "bad_request" });
  },
  "goes on where all agents of a ring were revoked": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, machines, rollouts } = await fleetOfThree(started, database);
    const held = Promise.withResolvers<void>();
    machines[0]!.runner.answer = async () => {
      await held.promise;
      return { outcome: "ok", result: null };
    };
    const three = [...rings.slice(0, 1), { name: "one", percent: 1 }, { name: "rest" }];
    const { id } = await rollouts.create("acme", WHO, { ...of(hub), rings: three });
    const [other, rest] = machines.slice(1).map(({ id }) => id).sort();
    await hub.services.agents.revoke("acme", WHO, other!, "lost");
    held.resolve();
    const done = await becomes(hub, id, "done");
    assert.deepEqual(done.rings.map(({ good }) => good), [1, 0, 1]);
    const last = machines.find(({ id }) => id === rest)!;
    assert.equal(last.runner.started.length, 1);
  },
  "looked after by several hubs at the same time orders each ring once": async (database) => {
    await using started = new AsyncDisposableStack();
    const { hub, machines, rollouts } = await fleetOfThree(started, database);
    const { database: store, audit, events, orders, now, log } = hub.services;
    const hubs = Array.from({ length: 4 }, () =>
      started.use(
        new RolloutSteps({
          ...{ database: store, audit, events, orders, now, log },
          listsChanged: () => {},
        }),
      ));
    const { id } = await rollouts.create("acme", WHO, of(hub));
    // Each looks at the moment when the first ring has done well.
    await until(hub, async () => {
      await Promise.all(hubs.flatMap((one) => [one.stepAll(), one.stepAll()]));
      return (await rollouts.get("acme", id)).state === "done";
    });
    assert.deepEqual(ran(machines), [["1.1.0"], ["1.1.0"], ["1.1.0"]]);
    assert.equal((await orders.list("acme")).items.length, 2);
  },
});
