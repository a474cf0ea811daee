import assert from "node:assert/strict";
import type { HubOrder } from "../../runtime/hub/mod.ts";
import { VerificationError } from "../../runtime/core/errors.ts";
import { forAnHour, TestHub, WHO } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { signedList } from "./signed_lists.ts";

/** A hub with an agent, a list, and two versions of a script whose newer one wants a name. */
async function stage(change = {}) {
  const hub = await TestHub.start();
  const agent = await RawAgent.enrolled(hub);
  const { content, scripts, lists } = hub.services;
  const inputSchema = { type: "object", required: ["name"], additionalProperties: false };
  const properties = { name: { type: "string", pattern: "^[a-z]+$" } };
  for (
    const [version, manifest] of [
      ["1.0.0", { sequence: 1 }],
      ["2.0.0", { sequence: 2, inputSchema: { ...inputSchema, properties } }],
    ] as const
  ) {
    const { module, digest, envelope } = hub.fleet.publish(version, manifest);
    await content.put("acme", digest, ReadableStream.from([module]));
    await scripts.publish("acme", WHO, envelope);
  }
  await lists.put("acme", WHO, signedList(hub, 1, null, change));
  const order = (range: string, input: unknown, name = hub.fleet.script) =>
    hub.services.orders.create("acme", WHO, {
      ...{ script: { name, range }, input, select: "all", expiresMs: 60_000 },
    });
  const close = async () => {
    agent[Symbol.dispose]();
    await hub[Symbol.asyncDispose]();
  };
  return { hub, agent, order, [Symbol.asyncDispose]: close };
}

async function refusedAs(code: string, ordered: Promise<HubOrder>): Promise<void> {
  await assert.rejects(ordered, (e) => e instanceof VerificationError && e.code === code);
}

Deno.test("Orders.create() refuses what no agent would run, before anything is stored", async (t) => {
  const stages = await stage({ accept: [{ script: "acme/echo", range: ">=1 <3" }] });
  await using _stages = stages;
  const { hub, order } = stages;
  await t.step("a script that is on no list", async () => {
    await refusedAs("not_accepted", order("*", null, "acme/ehco"));
  });
  await t.step("an input that the newest version that is meant does not take", async () => {
    await refusedAs("input", order("*", { nam: "ada" }));
    await refusedAs("input", order("*", { name: "Ada" }));
  });
  assert.deepEqual((await hub.services.orders.list("acme")).items, []);
  await t.step("and takes what fits", async () => {
    assert.equal((await order("*", { name: "ada" })).counts.queued, 1);
    assert.equal((await order("^1.0.0", { nam: "ada" })).counts.queued, 1);
  });
});

Deno.test("Orders.create() refuses versions that the list does not accept", async () => {
  await using stages = await stage({ accept: [{ script: "acme/echo", range: "^2.0.0" }] });
  await refusedAs("not_accepted", stages.order("^1.0.0", null));
  await stages.order("*", { name: "ada" });
});

Deno.test("Orders.create() and send() refuse a script that its grant lets others order", async () => {
  const stages = await stage();
  await using _stages = stages;
  const { hub, agent, order } = stages;
  const before = (await hub.services.lists.newest("acme"))!;
  const grants = [hub.fleet.grant({ orders: ["operator"] })];
  const list = signedList(hub, 2, before.envelope, { grants });
  await hub.services.lists.put("acme", WHO, list);
  await refusedAs("orderer_not_entitled", order("^1.0.0", null));
  const signed = hub.fleet.order(agent.id, forAnHour());
  await refusedAs("input", hub.services.orders.send("acme", WHO, signed.envelope));
  const fitting = hub.fleet.order(agent.id, { ...forAnHour(), input: { name: "ada" } });
  await hub.services.orders.send("acme", WHO, fitting.envelope);
});
