import assert from "node:assert/strict";
import { digestOf, hexOf } from "../../runtime/core/digest.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { ruleOf, TestAgent } from "./agent_fixture.ts";
import { FIGURES, instant, NOON } from "./fixture.ts";

Deno.test("a run gets what its grant gives and the order says", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0", { limits: { cpuMs: 500 } });
  const bytes = new TextEncoder().encode("a document");
  const sha256 = digestOf(bytes);
  const put = await test.ask(`/v1/blobs/${sha256}`, { method: "PUT", body: bytes });
  await put.body?.cancel();
  const read: Uint8Array[] = [];
  test.runner.answer = async ({ attachments }) => {
    for (const { read: at } of attachments!) read.push(await at(2, 3), await at(0, 10));
    return { outcome: "ok", result: null };
  };
  const { run } = await test.order({
    input: { copies: 2 },
    attachments: [{ name: "a.txt", sha256, length: 10, mediaType: "text/plain" }],
  });
  const { figures } = await test.ended(run);
  assert.deepEqual(figures, FIGURES);
  const [request] = test.runner.started;
  assert.deepEqual(request!.input, { copies: 2 });
  assert.equal(request!.scriptUrl, "script://acme/echo@1.0.0");
  assert.deepEqual(read, [bytes.slice(2, 5), bytes]);
  assert.equal(test.runner.grants[0]!.limits.cpuMs, 500);
});

Deno.test("a document that was spoilt on disk after the order came stops the run", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const bytes = new TextEncoder().encode("a document");
  const sha256 = digestOf(bytes);
  await (await test.ask(`/v1/blobs/${sha256}`, { method: "PUT", body: bytes })).text();
  const at = { schedule: { at: instant(NOON + 60_000) } };
  const attachments = [{ name: "a", sha256, length: 10 }];
  const { run } = await test.order({ attachments, ...at });
  const hex = hexOf(sha256);
  const path = `${statePaths(test.stateDir).blobs}/${hex.slice(0, 2)}/${hex}`;
  Deno.writeFileSync(path, bytes.map((byte) => byte ^ 1));
  await test.agent.stop();
  test.now += 60_000;
  await test.start();
  assert.equal(await ruleOf(test, run), "attachment_missing");
});

Deno.test("a grant that demands a higher isolation level than the node has refuses", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const grant = test.fleet.grant.bind(test.fleet);
  test.fleet.grant = () => grant({ minLevel: 2 });
  await test.agent.reload();
  assert.equal(await ruleOf(test, (await test.order()).run), "isolation_level");
  test.fleet.grant = () => grant({ minLevel: 1 });
  await test.agent.reload();
  assert.equal((await test.ended((await test.order()).run)).outcome?.outcome, "ok");
});

Deno.test("an order that waits is judged by the policy of the moment it begins", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const { run } = await test.order({ schedule: { at: instant(NOON + 60_000) } });
  const grant = test.fleet.grant.bind(test.fleet);
  test.fleet.grant = () => grant({ orders: ["somebody-else"] });
  await test.agent.stop();
  test.now += 60_000;
  await test.start();
  assert.equal(await ruleOf(test, run), "orderer_not_entitled");
});

Deno.test("a runner that fails ends the run, not the agent", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  test.runner.answer = () => {
    throw new Error("on purpose");
  };
  const { outcome } = await test.ended((await test.order()).run);
  assert.equal(outcome?.outcome, "interrupted");
  assert.equal((await test.ask("/v1/runs")).status, 200);
});

Deno.test("POST /v1/runs/:id/cancel ends a run that waits, that is fetched and that runs", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  test.runner.hang();
  const cancel = async (id: number) =>
    (await (await test.ask(`/v1/runs/${id}/cancel`, { method: "POST" })).json()).cancelled;

  const source = test.fleet.source.bind(test.fleet);
  const asked = Promise.withResolvers<void>();
  test.fleet.source = () => ({
    ...source(),
    read: (_path, _maxBytes, signal) => {
      asked.resolve();
      return new Promise((_, reject) => {
        signal!.addEventListener("abort", () => reject(signal!.reason));
      });
    },
  });
  await test.agent.reload();
  const fetching = await test.order();
  await asked.promise;
  assert.equal(await cancel(fetching.run), true);
  assert.equal((await test.ended(fetching.run)).outcome?.outcome, "cancelled");
  test.fleet.source = source;
  await test.agent.reload();

  const waiting = await test.order({ schedule: { at: instant(NOON + 60_000) } });
  assert.equal(await cancel(waiting.run), true);
  assert.equal((await test.ended(waiting.run)).outcome?.outcome, "cancelled");
  assert.equal((await test.run(waiting.run)).started, null);

  const begun = Promise.withResolvers<void>();
  const { answer } = test.runner;
  test.runner.answer = (request) => {
    begun.resolve();
    return answer(request);
  };
  const running = await test.order();
  await begun.promise;
  assert.equal(await cancel(running.run), true);
  assert.equal((await test.ended(running.run)).outcome?.outcome, "cancelled");
  assert.equal(await cancel(running.run), false, "it has ended");
});

Deno.test("a second order with the same idempotency key is answered with the first one's run", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const [first, second] = await Promise.all([
    test.order({ idempotencyKey: "invoice-7" }),
    test.order({ idempotencyKey: "invoice-7" }),
  ]);
  assert.deepEqual(second, first);
  const other = await test.order({ idempotencyKey: "invoice-8" });
  assert.notEqual(other.run, first.run);
});
