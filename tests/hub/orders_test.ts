import assert from "node:assert/strict";
import { TestHub, until, WHO } from "./hub_fixture.ts";

Deno.test("an order that the operator signed runs on the agent, and the hub has what came of it", async () => {
  await using hub = await TestHub.start();
  hub.fleet.publish("1.0.0");
  await using machine = await hub.machine();
  await machine.enrol();
  await machine.start();
  const { agents, orders } = hub.services;
  await until(hub, async () => (await agents.get("acme", machine.id)).presence.state === "online");

  const { envelope, order } = hub.fleet.order(machine.id, {
    input: { copies: 2 },
    issued: new Date(Math.floor(Date.now() / 1000) * 1000).toISOString().replace(".000", ""),
    expires: new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000).toISOString().replace(
      ".000",
      "",
    ),
  });
  await orders.send("acme", WHO, envelope);
  const done = await until(hub, async () => {
    const found = await orders.get("acme", order.id);
    return found.counts.ended === 1 && found;
  });
  assert.deepEqual(done.outcomes, { ok: 1 });
  const { items: [delivery] } = await orders.deliveries("acme", order.id);
  assert.deepEqual(delivery!.outcome, { outcome: "ok", result: { copies: 2 } });
  const { items } = await orders.log("acme", order.id);
  assert.deepEqual(items.map(({ event }) => event.type), ["state", "state", "outcome"]);
});

Deno.test("an order of the hub's own key runs on every agent that it selects", async () => {
  await using hub = await TestHub.start();
  hub.fleet.publish("1.0.0");
  await using one = await hub.machine({ labels: ["office"] });
  await using other = await hub.machine();
  for (const machine of [one, other]) {
    await machine.enrol();
    await machine.start();
  }
  const { orders } = hub.services;
  const order = await orders.create("acme", WHO, {
    script: { name: hub.fleet.script, range: "*" },
    input: 7,
    select: { labels: ["office"] },
    expiresMs: 60_000,
  });
  const done = await until(hub, async () => {
    const found = await orders.get("acme", order.id);
    return found.counts.ended === 1 && found;
  });
  assert.deepEqual(done.outcomes, { ok: 1 });
  assert.deepEqual([one.runner.started.length, other.runner.started.length], [1, 0]);
});
