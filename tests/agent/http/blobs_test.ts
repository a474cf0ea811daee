import assert from "node:assert/strict";
import { AGENT_LIMITS } from "../../../runtime/agent/limits.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import { refusalOf, TestApp } from "../app_fixture.ts";

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

Deno.test("PUT /v1/blobs waits no longer for a body that brings nothing", async () => {
  await using test = await TestApp.open();
  const { setTimeout } = globalThis;
  // The clock of this one deadline runs out at once.
  globalThis.setTimeout =
    ((then: () => void, ms: number) =>
      setTimeout(then, ms === AGENT_LIMITS.BODY_IDLE_MS ? 0 : ms)) as typeof setTimeout;
  try {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel: () => void (cancelled = true),
    });
    const path = `/v1/blobs/${digestOf(new Uint8Array(1_000))}`;
    const answer = await test.ask(path, { method: "PUT", body });
    assert.deepEqual(await refusalOf(answer), [408, "timeout"]);
    assert.ok(cancelled);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});

Deno.test("PUT /v1/blobs asks a body in chunks for as much as a chunk has", async () => {
  await using test = await TestApp.open();
  const asked: number[] = [];
  let left = 40;
  const body = new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (left-- === 0) {
        controller.close();
        return controller.byobRequest?.respond(0);
      }
      const { byobRequest } = controller;
      asked.push(byobRequest?.view?.byteLength ?? Infinity);
      if (byobRequest) byobRequest.respond(8);
      else controller.enqueue(new Uint8Array(8));
    },
  });
  const path = `/v1/blobs/${digestOf(new Uint8Array(320))}`;
  assert.equal((await test.ask(path, { method: "PUT", body })).status, 201);
  assert.equal(Math.max(...asked.slice(2)), 8);
});
