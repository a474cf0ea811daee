import assert from "node:assert/strict";
import { TestAgent } from "./agent_fixture.ts";

Deno.test("two agents on one machine keep out of each other's way", async (t) => {
  await using one = await TestAgent.start();
  await using two = await TestAgent.start();
  for (const test of [one, two]) test.fleet.publish("1.0.0");

  await t.step("each has an address and an identity of its own", () => {
    assert.notEqual(one.agent.url, two.agent.url);
    assert.notEqual(one.agent.id, two.agent.id);
  });

  await t.step("each runs what it is ordered, and not what the other is", async () => {
    const { run } = await one.order({ input: "for one" });
    assert.equal((await one.ended(run)).outcome?.outcome, "ok");
    assert.equal(two.runner.started.length, 0);
    const { envelope } = two.fleet.order(one.agent.id);
    const refused = await two.send(envelope);
    assert.equal((await refused.json()).error.code, "wrong_audience");
  });

  await t.step("neither lets the other's operator in", async () => {
    const url = `${two.agent.url}/v1/runs`;
    const path = `${one.stateDir}/operator.token`;
    const token = Deno.readTextFileSync(path).trim();
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    await response.body?.cancel();
    assert.equal(response.status, 401);
  });

  await t.step("a third on the state of the first is refused, and the first goes on", async () => {
    await assert.rejects(one.start(), { code: "state_locked" });
    const { run } = await one.order();
    assert.equal((await one.ended(run)).outcome?.outcome, "ok");
  });

  await t.step("on the other's port it is refused, and the other goes on", async () => {
    await two.agent.stop();
    const port = Number(new URL(one.agent.url).port);
    const listen = { hostname: "127.0.0.1", port };
    await assert.rejects(two.start({ listen }), { code: "port_in_use" });
    assert.equal((await one.ask("/v1/runs")).status, 200);
    await two.start();
  });
});

Deno.test("an agent whose state is lost comes back as another one, and works", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const before = test.agent.id;
  await test.agent.stop();
  Deno.removeSync(test.stateDir, { recursive: true });
  await test.start();
  assert.notEqual(test.agent.id, before);
  const refused = await test.send(test.fleet.order(before).envelope);
  assert.equal((await refused.json()).error.code, "wrong_audience");
  const { run } = await test.order();
  assert.equal((await test.ended(run)).outcome?.outcome, "ok");
});
