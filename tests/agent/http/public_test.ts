import assert from "node:assert/strict";
import { hexOf } from "../../../runtime/core/digest.ts";
import { TestApp } from "../app_fixture.ts";

Deno.test("createApp() tells anybody that the agent is there and who it is", async () => {
  await using test = await TestApp.open();
  assert.deepEqual(await (await test.request("/healthz")).json(), { ok: true });
  const info = await (await test.request("/v1/info")).json();
  assert.equal(info.agent, test.id);
  assert.deepEqual(Object.keys(info).sort(), ["agent", "deno", "fleet", "level", "version"]);
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
