import assert from "node:assert/strict";
import { digestOf } from "../../../runtime/core/digest.ts";
import { refusalOf, TestApp } from "../app_fixture.ts";

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
      const response = await test.request("/healthz", { headers: { host } });
      if (status === 200) assert.equal(response.status, 200);
      else assert.deepEqual(await refusalOf(response), [status, "bad_host"]);
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
      const response = await test.request("/healthz", { headers: { origin } });
      if (status === 200) assert.equal(response.status, 200);
      else assert.deepEqual(await refusalOf(response), [status, "bad_origin"]);
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
