import assert from "node:assert/strict";
import { makeOrder, packScript, signDocument } from "../../runtime/author/mod.ts";
import { instantOf } from "../../runtime/core/instant.ts";
import { openEnvelope, signedBy } from "../../runtime/core/dsse.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { scriptFolder, withCode } from "./fixture.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const one = generateSigner();
const two = generateSigner();
const agent = keyId(generateSigner().publicKey);
const ORDER = {
  fleet: "test",
  script: { name: "acme/hello", range: "*" },
  audience: { agents: [agent] },
  now: NOW + 789,
} as const;

Deno.test("signDocument() signs a payload, then adds to the envelope", async () => {
  using dir = scriptFolder();
  const { payload } = await packScript(dir.path);
  const first = signDocument(payload, [one], "manifest.json");
  assert.deepEqual([first.kind, first.added], ["manifest", false]);
  const second = signDocument(first.envelope, [two], "manifest.signed.json");
  assert.equal(second.added, true);
  const envelope = openEnvelope("manifest", second.envelope);
  assert.deepEqual(envelope.payload, payload);
  assert.equal(signedBy(envelope, [one.publicKey, two.publicKey]).size, 2);
});

Deno.test("signDocument() writes a payload canonically before signing", async () => {
  using dir = scriptFolder();
  const { payload, manifest } = await packScript(dir.path);
  const pretty = new TextEncoder().encode(JSON.stringify(manifest, null, 2));
  const { envelope } = signDocument(pretty, [one], "manifest.json");
  assert.deepEqual(openEnvelope("manifest", envelope).payload, payload);
});

Deno.test("signDocument() signs nothing that is not a document of ours", () => {
  for (const text of ["", "x", "[]", "null", "{}", '{"payloadType":"text/plain"}', '{"a":1}']) {
    assert.throws(
      () => signDocument(new TextEncoder().encode(text), [one], "file"),
      withCode("AuthorError", "wrong_file"),
    );
  }
});

Deno.test("makeOrder() makes an order in whole seconds, good for ten minutes", () => {
  const { order, envelope } = makeOrder(ORDER, [one]);
  assert.deepEqual([order.issued, order.expires, order.input], [
    "2026-03-01T12:00:00Z",
    "2026-03-01T12:10:00Z",
    null,
  ]);
  assert.equal(signedBy(openEnvelope("order", envelope), [one.publicKey]).size, 1);
  assert.notEqual(makeOrder(ORDER, [one]).order.id, order.id);
});

Deno.test("makeOrder() counts the lifetime of a scheduled order from its time", () => {
  const at = NOW + 3_600_000;
  const { order } = makeOrder({ ...ORDER, at, lifetimeMs: 60_000 }, [one]);
  assert.deepEqual(order.schedule, { at: instantOf(at) });
  assert.equal(order.expires, instantOf(at + 60_000));
});

Deno.test("makeOrder() refuses what no agent would take", () => {
  const cases = [
    { ...ORDER, fleet: "Not A Fleet" },
    { ...ORDER, id: "not-a-uuid" },
    { ...ORDER, audience: { agents: [] } },
    { ...ORDER, idempotencyKey: "" },
  ];
  for (const options of cases) {
    assert.throws(() => makeOrder(options, [one]), withCode("VerificationError", "bad_schema"));
  }
});
