import assert from "node:assert/strict";
import { digestOf, hexOf } from "../../../runtime/core/digest.ts";
import { openEnvelope, payloadType, sealPayload } from "../../../runtime/core/dsse.ts";
import { generateSigner } from "../../../runtime/core/key.ts";
import { TestApp } from "../app_fixture.ts";

/** What came of it: the status, or the code of the refusal. */
async function publish(
  test: TestApp,
  envelope: Uint8Array,
  type = payloadType("manifest"),
): Promise<string | number> {
  const body = new Uint8Array(envelope);
  const headers = { "content-type": type };
  const response = await test.ask("/v1/manifests", { method: "POST", headers, body });
  const answer = await response.json();
  return answer.error?.code ?? response.status;
}

async function upload(test: TestApp, module: Uint8Array, name = digestOf(module)): Promise<number> {
  const body = new Uint8Array(module);
  const response = await test.ask(`/v1/modules/${hexOf(name)}`, { method: "PUT", body });
  await response.body?.cancel();
  return response.status;
}

Deno.test("POST /v1/manifests makes a script that runs without any other source", async () => {
  await using test = await TestApp.open();
  const { envelope, module } = test.fleet.publish("1.0.0");
  assert.deepEqual([await upload(test, module), await upload(test, module)], [201, 200]);
  assert.deepEqual([await publish(test, envelope), await publish(test, envelope)], [201, 200]);
  const index = await (await test.request("/v1/manifests/acme/echo/index.json")).json();
  assert.deepEqual(index.versions, [{ version: "1.0.0", sha256: digestOf(module) }]);
  const { rows } = await (await test.ask("/v1/audit")).json();
  const published = rows.filter((row: { event: string }) => row.event === "script_published");
  assert.equal(published.length, 1);
});

Deno.test("POST /v1/manifests refuses a body that is of another type", async () => {
  await using test = await TestApp.open();
  const { envelope, module } = test.fleet.publish("1.0.0");
  await upload(test, module);
  assert.equal(await publish(test, envelope, payloadType("order")), "unsupported_media_type");
  assert.equal(await publish(test, envelope), 201);
});

Deno.test("POST /v1/manifests refuses what no agent could run", async () => {
  await using test = await TestApp.open();
  const first = test.fleet.publish("1.0.0");
  assert.equal(await publish(test, first.envelope), "module_missing");
  await upload(test, first.module);
  const { payload } = openEnvelope("manifest", first.envelope);
  const stranger = generateSigner();
  assert.equal(await publish(test, sealPayload("manifest", payload, [stranger])), "threshold");
  assert.equal(await publish(test, first.envelope.with(0, 0)), "bad_envelope");
  assert.equal(await publish(test, first.envelope), 201);
});

Deno.test("POST /v1/manifests never changes a version, and takes more signatures only", async () => {
  await using test = await TestApp.open();
  const first = test.fleet.publish("1.0.0");
  await upload(test, first.module);
  await publish(test, first.envelope);
  const other = test.fleet.publish("1.0.0", { description: "another" });
  assert.equal(await publish(test, other.envelope), "version_published");
  const { payload } = openEnvelope("manifest", first.envelope);
  const both = sealPayload("manifest", payload, [test.fleet.publisher, generateSigner()]);
  assert.equal(await publish(test, both), 200);
  assert.equal(await publish(test, first.envelope), "version_published");
});

Deno.test("PUT /v1/modules refuses content that has another digest", async () => {
  await using test = await TestApp.open();
  const { module } = test.fleet.publish("1.0.0");
  assert.equal(await upload(test, module.with(0, 0), digestOf(module)), 422);
  assert.equal((await test.request(`/v1/modules/${hexOf(digestOf(module))}`)).status, 404);
});
