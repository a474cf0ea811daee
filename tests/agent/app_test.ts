import assert from "node:assert/strict";
import fc from "fast-check";
import { digestOf, hexOf } from "../../runtime/core/digest.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { AGENT_LIMITS } from "../../runtime/agent/limits.ts";
import { refusalOf, TestApp } from "./app_fixture.ts";

Deno.test("createApp() tells anybody that the agent is there and who it is", async () => {
  await using test = await TestApp.open();
  assert.deepEqual(await (await test.request("/healthz")).json(), { ok: true });
  const info = await (await test.request("/v1/info")).json();
  assert.equal(info.agent, test.id);
  assert.deepEqual(Object.keys(info).sort(), ["agent", "deno", "fleet", "level", "version"]);
});

Deno.test("createApp() answers to its own names and to no other", async (t) => {
  await using test = await TestApp.open(["printer-room.example"]);
  const hosts: Record<string, number> = {
    "localhost": 200,
    "LOCALHOST:8799": 200,
    "127.0.0.1:8799": 200,
    "[::1]:8799": 200,
    "printer-room.example:8799": 200,
    "attacker.example": 421,
    "localhost.attacker.example": 421,
    "127.0.0.1.attacker.example": 421,
    "user@attacker.example": 421,
    "0.0.0.0": 421,
    "": 421,
  };
  for (const [host, status] of Object.entries(hosts)) {
    await t.step(host || "no host", async () => {
      assert.equal((await test.request("/healthz", { headers: { host } })).status, status);
    });
  }
});

Deno.test("createApp() refuses pages of other origins", async (t) => {
  await using test = await TestApp.open();
  const origins: Record<string, number> = {
    "http://localhost:8799": 200,
    "http://127.0.0.1": 200,
    "https://attacker.example": 403,
    "http://localhost.attacker.example": 403,
    "null": 403,
    "": 403,
  };
  for (const [origin, status] of Object.entries(origins)) {
    await t.step(origin || "empty", async () => {
      assert.equal((await test.request("/healthz", { headers: { origin } })).status, status);
    });
  }
});

Deno.test("createApp() keeps the operator's routes for whoever has the token", async (t) => {
  await using test = await TestApp.open();
  const digest = digestOf(new Uint8Array());
  const routes: [string, string][] = [
    ["GET", "/v1/runs"],
    ["GET", "/v1/runs/1"],
    ["GET", "/v1/runs/1/events"],
    ["POST", "/v1/runs/1/cancel"],
    ["GET", `/v1/blobs/${digest}`],
    ["HEAD", `/v1/blobs/${digest}`],
    ["PUT", `/v1/blobs/${digest}`],
    ["GET", "/v1/acceptlists/1"],
    ["GET", "/v1/audit"],
  ];
  for (const [method, path] of routes) {
    await t.step(`${method} ${path}`, async () => {
      const status = async (authorization?: string) =>
        (await test.request(path, { method, headers: authorization ? { authorization } : {} }))
          .status;
      assert.equal(await status(), 401);
      assert.equal(await status("Bearer wrong"), 401);
      assert.notEqual((await test.ask(path, { method })).status, 401);
    });
  }
});

Deno.test("createApp() does not take a forwarded request for a local one", async (t) => {
  await using test = await TestApp.open();
  assert.equal((await test.ask("/v1/runs")).status, 200);
  for (const name of ["forwarded", "x-forwarded-for", "x-real-ip", "via"]) {
    await t.step(name, async () => {
      const response = await test.ask("/v1/runs", { headers: { [name]: "127.0.0.1" } });
      assert.deepEqual(await refusalOf(response), [403, "not_local"]);
    });
  }
});

Deno.test("createApp() answers what it does not know without a word of itself", async (t) => {
  await using test = await TestApp.open();
  const cases: [string, string, number, string][] = [
    ["GET", "/", 404, "not_found"],
    ["GET", "/v1/orders", 405, "method_not_allowed"],
    ["DELETE", "/healthz", 405, "method_not_allowed"],
    ["GET", "/v1/modules/../../agent.key", 404, "not_found"],
    ["GET", "/v1/modules/%2e%2e%2fagent.key", 404, "not_found"],
    ["GET", `/v1/modules/${"A".repeat(64)}`, 404, "not_found"],
    ["GET", "/v1/manifests/acme/echo/..%2f..%2fagent.key.json", 404, "not_found"],
    ["GET", "/v1/manifests/acme/echo/.json", 404, "not_found"],
    ["GET", "/v1/manifests/ACME/echo/index.json", 404, "not_found"],
    ["GET", "/v1/roots/1", 404, "not_found"],
    ["GET", "/v1/roots/-1", 404, "not_found"],
    ["GET", "/v1/roots/1e3", 404, "not_found"],
  ];
  for (const [method, path, status, code] of cases) {
    await t.step(`${method} ${path}`, async () => {
      assert.deepEqual(await refusalOf(await test.request(path, { method })), [status, code]);
    });
  }
  await t.step("with the methods that are allowed", async () => {
    assert.equal((await test.request("/v1/orders")).headers.get("allow"), "POST");
  });
});

Deno.test("createApp() sends headers that keep browsers from doing anything with it", async () => {
  await using test = await TestApp.open();
  for (const path of ["/healthz", "/nothing", "/v1/runs"]) {
    const { headers } = await test.request(path);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin", path);
    assert.equal(headers.get("access-control-allow-origin"), null, path);
  }
});

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

Deno.test("HEAD /v1/runs/:id/events takes no place among the open streams", async () => {
  await using test = await TestApp.open();
  const { run } = await (await test.send(test.fleet.order(test.id).envelope)).json();
  const path = `/v1/runs/${run}/events`;
  for (let i = 0; i <= AGENT_LIMITS.EVENT_STREAMS; i++) {
    const { status, headers } = await test.ask(path, { method: "HEAD" });
    assert.deepEqual([status, headers.get("content-type")], [200, "text/event-stream"]);
  }
  const events = await test.ask(path);
  assert.equal(events.status, 200);
  await events.text();
});

Deno.test("PUT /v1/blobs stores a document once, whole and under its own digest", async () => {
  await using test = await TestApp.open();
  const bytes = new Uint8Array(1_000).fill(5);
  const path = `/v1/blobs/${digestOf(bytes)}`;
  assert.equal((await test.ask(path, { method: "HEAD" })).status, 404);
  assert.equal((await test.ask(path, { method: "PUT", body: bytes })).status, 201);
  assert.equal((await test.ask(path, { method: "PUT", body: bytes })).status, 200);
  const head = await test.ask(path, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), "1000");
  assert.deepEqual(await (await test.ask(path)).bytes(), bytes);
});

Deno.test("PUT /v1/blobs refuses a document that is longer or other than it may be", async (t) => {
  await using test = await TestApp.open();
  const put = (digest: string, body: Uint8Array<ArrayBuffer>) =>
    test.ask(`/v1/blobs/${digest}`, { method: "PUT", body });
  const long = new Uint8Array(1_001);
  const cases: [string, Promise<Response>, number, string][] = [
    ["longer", put(digestOf(long), long), 413, "blob_too_large"],
    ["other", put(digestOf(long), new Uint8Array(3)), 422, "blob_mismatch"],
    ["no digest", put("sha256:abc", new Uint8Array(3)), 404, "not_found"],
    ["a path", put("..%2f..%2fagent.key", new Uint8Array(3)), 404, "not_found"],
  ];
  for (const [name, response, status, code] of cases) {
    await t.step(name, async () => {
      assert.deepEqual(await refusalOf(await response), [status, code]);
    });
  }
});

Deno.test("createApp() serves the modules and manifests that ran, as every source does", async () => {
  await using test = await TestApp.open();
  const { digest, module, envelope } = test.fleet.publish("1.0.0");
  const paths = {
    module: `/v1/modules/${hexOf(digest)}`,
    index: "/v1/manifests/acme/echo/index.json",
    manifest: "/v1/manifests/acme/echo/1.0.0.json",
  };
  for (const path of Object.values(paths)) assert.equal((await test.request(path)).status, 404);
  const { run } = await (await test.send(test.fleet.order(test.id).envelope)).json();
  await (await test.ask(`/v1/runs/${run}/events`)).text();
  assert.deepEqual(await (await test.request(paths.module)).bytes(), module);
  assert.deepEqual(await (await test.request(paths.manifest)).bytes(), envelope);
  assert.deepEqual(await (await test.request(paths.index)).json(), {
    versions: [{ version: "1.0.0", sha256: digest }],
  });
});

Deno.test("GET /v1/runs pages from the newest back", async () => {
  await using test = await TestApp.open();
  for (let i = 0; i < 3; i++) await (await test.send(test.fleet.order(test.id).envelope)).text();
  const ids = async (query: string) => {
    const { runs } = await (await test.ask(`/v1/runs${query}`)).json();
    return runs.map(({ id }: { id: number }) => id);
  };
  assert.deepEqual(await ids(""), [3, 2, 1]);
  assert.deepEqual(await ids("?limit=2"), [3, 2]);
  assert.deepEqual(await ids("?limit=2&before=2"), [1]);
  assert.equal((await test.ask("/v1/runs?limit=x")).status, 400);
});

Deno.test("GET /v1/audit shows rows and the signed head", async () => {
  await using test = await TestApp.open();
  await (await test.send(test.fleet.order(test.id).envelope)).text();
  const { rows, head } = await (await test.ask("/v1/audit?after=0&limit=1")).json();
  assert.equal(rows[0].event, "order_accepted");
  assert.equal(head.agent, test.id);
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
