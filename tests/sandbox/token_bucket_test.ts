import assert from "node:assert/strict";
import { CALL_BOUNDS, Sandbox } from "../../runtime/sandbox/mod.ts";
import { TokenBucket } from "../../runtime/core/token_bucket.ts";
import { asking, live, textOf } from "./live_cells.ts";

Deno.test("TokenBucket.take() lets through what is there, and says how long more takes", () => {
  const bucket = new TokenBucket(10, 2, 0);
  assert.equal(bucket.take(10, 0), 0);
  assert.equal(bucket.take(1, 0), 0.5);
  assert.equal(bucket.take(0, 0.5), 0);
  assert.equal(bucket.take(4, 1.5), 1);
});

Deno.test("TokenBucket keeps no more than its capacity, however long it rests", () => {
  const bucket = new TokenBucket(10, 2, 0);
  assert.equal(bucket.take(10, 1_000), 0);
  assert.equal(bucket.take(2, 1_000), 1);
});

Deno.test("a script that asks faster than it may is answered later, not refused", async () => {
  await using sandbox = await Sandbox.open();
  let asked = 0;
  const capabilities = {
    offered: { store: {} },
    call: () => Promise.resolve({ value: ++asked }),
  };
  const script = live(
    sandbox,
    `async (_, { store }) => {
      await Promise.all(Array.from({ length: 150 }, () => store.add("n")));
      return new Response("all answered");
    }`,
    {},
    { bounds: { ...CALL_BOUNDS, perSecond: 100 } },
  );
  const started = performance.now();
  assert.equal(await textOf(script, asking("/", { capabilities })), "all answered");
  assert.ok(performance.now() - started > 450);
  assert.equal(asked, 150);
});

Deno.test("a script that asks for much JSON is answered later, as the agent has to write it", async () => {
  await using sandbox = await Sandbox.open();
  const capabilities = {
    offered: { store: {} },
    call: () => Promise.resolve({ value: { entries: ["x".repeat(30_000)], done: true } }),
  };
  const script = live(
    sandbox,
    `async (_, { store }) => {
      await Promise.all(Array.from({ length: 5 }, () => store.list()));
      return new Response("all answered");
    }`,
    {},
    { bounds: { ...CALL_BOUNDS, bytesPerSecond: 1_000_000 } },
  );
  const started = performance.now();
  assert.equal(await textOf(script, asking("/", { capabilities })), "all answered");
  assert.ok(performance.now() - started > 450);
});
