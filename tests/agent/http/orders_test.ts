import assert from "node:assert/strict";
import fc from "fast-check";
import { AGENT_LIMITS } from "../../../runtime/agent/limits.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import { generateSigner } from "../../../runtime/core/key.ts";
import { LIMITS } from "../../../runtime/core/limits.ts";
import { refusalOf, TestApp } from "../app_fixture.ts";

Deno.test("POST /v1/orders accepts an order and refuses it the second time", async () => {
  await using test = await TestApp.open();
  const { envelope, order } = test.fleet.order(test.id);
  const response = await test.send(envelope);
  assert.equal(response.status, 202);
  assert.deepEqual(await response.json(), { run: 1, order: order.id });
  assert.deepEqual(await refusalOf(await test.send(envelope)), [409, "replayed"]);
});

Deno.test("POST /v1/orders refuses one of two that arrive together with one id", async () => {
  await using test = await TestApp.open();
  const { envelope } = test.fleet.order(test.id);
  const statuses = (await Promise.all([test.send(envelope), test.send(envelope)]))
    .map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [202, 409]);
});

Deno.test("POST /v1/orders refuses what is not an order for this agent", async (t) => {
  await using test = await TestApp.open();
  const { fleet, id } = test;
  const stranger = generateSigner();
  const flipped = fleet.order(id).envelope;
  flipped[flipped.length - 20]! ^= 1;
  const cases: [string, Uint8Array, number, string][] = [
    ["no bytes", new Uint8Array(), 400, "bad_envelope"],
    ["an unknown signer", fleet.order(id, {}, stranger).envelope, 403, "threshold"],
    ["another fleet", fleet.order(id, { fleet: "other" }).envelope, 403, "wrong_fleet"],
    [
      "another agent",
      fleet.order(id, { audience: { agents: [`writ-key:${"A".repeat(43)}`] } }).envelope,
      403,
      "wrong_audience",
    ],
    [
      "an expired one",
      fleet.order(id, { issued: "2026-02-01T00:00:00Z", expires: "2026-02-02T00:00:00Z" }).envelope,
      403,
      "expired",
    ],
    [
      "a script without a grant",
      fleet.order(id, { script: { name: "acme/other", range: "*" } }).envelope,
      403,
      "no_grant",
    ],
    [
      "a document that is not there",
      fleet.order(id, {
        attachments: [{ name: "a", sha256: digestOf(new Uint8Array(1)), length: 1 }],
      }).envelope,
      422,
      "attachment_missing",
    ],
  ];
  for (const [name, envelope, status, code] of cases) {
    await t.step(name, async () => {
      assert.deepEqual(await refusalOf(await test.send(envelope)), [status, code]);
    });
  }
  await t.step("one byte changed", async () => {
    assert.ok([400, 403].includes((await test.send(flipped)).status));
  });
  await t.step("and none of them left a run", async () => {
    assert.deepEqual(await (await test.ask("/v1/runs")).json(), { runs: [] });
  });
});

Deno.test("POST /v1/orders takes its own content type only", async (t) => {
  await using test = await TestApp.open();
  const send = (type: string) => test.send(test.fleet.order(test.id).envelope, type);
  for (const type of ["application/json", "text/plain", "application/vnd.writ.manifest.v1+json"]) {
    await t.step(type, async () => {
      assert.deepEqual(await refusalOf(await send(type)), [415, "unsupported_media_type"]);
    });
  }
  await t.step("with a parameter", async () => {
    assert.equal((await send("application/vnd.writ.order.v1+json; v=1")).status, 202);
  });
});

Deno.test("POST /v1/orders reads no more than an order may hold", async (t) => {
  await using test = await TestApp.open();
  await t.step("announced", async () => {
    const response = await test.send(new Uint8Array(LIMITS.ORDER_BYTES + 1));
    assert.deepEqual(await refusalOf(response), [413, "too_large"]);
  });
  await t.step("the most it may", async () => {
    const response = await test.send(new Uint8Array(LIMITS.ORDER_BYTES));
    assert.deepEqual(await refusalOf(response), [400, "bad_envelope"]);
  });
  await t.step("endless", async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulled += 100_000;
        controller.enqueue(new Uint8Array(100_000));
      },
    });
    const response = await test.request("/v1/orders", {
      method: "POST",
      headers: { "content-type": "application/vnd.writ.order.v1+json" },
      body,
    });
    assert.deepEqual(await refusalOf(response), [413, "too_large"]);
    assert.ok(pulled < 2 * LIMITS.ORDER_BYTES);
  });
});

Deno.test("POST /v1/orders refuses an order whose sender breaks off", async (t) => {
  await using test = await TestApp.open();
  const { envelope } = test.fleet.order(test.id);
  const send = (parts: Uint8Array[], broken: boolean, headers = {}) => {
    const body = ReadableStream.from((async function* () {
      yield* parts;
      if (broken) throw new TypeError("connection reset");
    })());
    const type = { "content-type": "application/vnd.writ.order.v1+json" };
    return test.request("/v1/orders", { method: "POST", headers: { ...type, ...headers }, body });
  };
  for (const headers of [{}, { "content-length": String(envelope.length) }]) {
    await t.step(JSON.stringify(headers), async () => {
      const answer = await send([envelope.slice(0, 50)], true, headers);
      assert.deepEqual(await refusalOf(answer), [400, "incomplete"]);
    });
  }
  await t.step("and takes it in pieces when all of them arrive", async () => {
    const pieces = [envelope.slice(0, 50), new Uint8Array(), envelope.slice(50)];
    assert.equal((await send(pieces, false)).status, 202);
  });
});

Deno.test("POST /v1/orders waits no longer for a body that has no announced length", async () => {
  await using test = await TestApp.open();
  const drip = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(1)),
  });
  const { setTimeout } = globalThis;
  // The clock of this one deadline runs out at once.
  globalThis.setTimeout =
    ((then: () => void, ms: number) =>
      setTimeout(then, ms === AGENT_LIMITS.ORDER_BODY_MS ? 0 : ms)) as typeof setTimeout;
  try {
    const answer = await test.request("/v1/orders", {
      method: "POST",
      headers: { "content-type": "application/vnd.writ.order.v1+json" },
      body: drip,
    });
    assert.deepEqual(await refusalOf(answer), [408, "timeout"]);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});

Deno.test("POST /v1/orders refuses any bytes that nobody signed, and any change to an order", async () => {
  await using test = await TestApp.open();
  const { envelope } = test.fleet.order(test.id);
  const change = fc.record({
    at: fc.nat(envelope.length - 1),
    by: fc.integer({ min: 1, max: 255 }),
  });
  const changed = change.map(({ at, by }) =>
    envelope.map((byte, i) => i === at ? byte ^ by : byte)
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 500 }), changed), async (bytes) => {
      const { status } = await test.send(bytes);
      assert.ok(status >= 400 && status < 500, String(status));
    }),
    { numRuns: 300 },
  );
  assert.equal((await test.send(envelope)).status, 202, "and the order itself is still accepted");
});
