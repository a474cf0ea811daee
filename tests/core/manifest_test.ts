import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import type { PublisherKey } from "../../runtime/core/documents/acceptlist.ts";
import type { Manifest } from "../../runtime/core/documents/manifest.ts";
import { openEnvelope } from "../../runtime/core/dsse.ts";
import { generateSigner, type Signer } from "../../runtime/core/key.ts";
import type { PolicyInForce } from "../../runtime/core/policy_in_force.ts";
import { verifyManifest } from "../../runtime/core/verification/manifest.ts";
import { assertRefused } from "./assert_refused.ts";
import { makeFleet } from "./fixtures.ts";

const fleet = makeFleet();
const [a, b, stranger] = [generateSigner(), generateSigner(), generateSigner()];
const PIN = { script: "acme/hello", sha256: digestOf(fleet.module) } as const;

function policyOf(keys: PublisherKey[], threshold = 1, isPinned = false): PolicyInForce {
  return fleet.policy({
    publishers: { acme: { keys, threshold } },
    accept: [{ script: "acme/hello", range: "*" }, ...(isPinned ? [PIN] : [])],
  });
}

function keyOf(signer: Signer, state: PublisherKey["state"], maxSequence?: number): PublisherKey {
  return { key: signer.publicKey, state, ...(maxSequence === undefined ? {} : { maxSequence }) };
}

function verify(policy: PolicyInForce, signers: Signer[], overrides: Partial<Manifest> = {}) {
  return verifyManifest(fleet.seal("manifest", fleet.manifest(overrides), signers), { policy });
}

Deno.test("verifyManifest() returns the manifest, who signed it and its digest", () => {
  const bytes = fleet.seal("manifest", fleet.manifest());
  const verified = verifyManifest(bytes, { policy: fleet.policy() });
  assert.deepEqual(verified.manifest, fleet.manifest());
  assert.deepEqual([...verified.signers], [fleet.signers.publisher.publicKey]);
  assert.equal(verified.digest, digestOf(openEnvelope("manifest", bytes).payload));
});

Deno.test("verifyManifest() refuses a publisher that is not listed", () => {
  const policy = policyOf([keyOf(a, "active")]);
  verify(policy, [a]);
  // By a key of another, listed publisher, and by a stranger.
  assertRefused("unknown_publisher", () => verify(policy, [a], { publisher: "evil" }));
  assertRefused("unknown_publisher", () => verify(policy, [stranger], { publisher: "evil" }));
  assertRefused("unknown_publisher", () => verify(fleet.policy({ publishers: {} }), [a]));
});

Deno.test("verifyManifest() refuses a listed publisher's name under a foreign signature", async (t) => {
  for (const name of ["root", "accept", "operator", "agent"] as const) {
    await t.step(`signed by ${name}`, () => {
      assertRefused("threshold", () => verify(fleet.policy(), [fleet.signers[name]]));
    });
  }
});

Deno.test("verifyManifest() does not count another publisher's keys", () => {
  const policy = fleet.policy({
    publishers: {
      acme: { keys: [keyOf(a, "active")], threshold: 1 },
      evil: { keys: [keyOf(b, "active")], threshold: 1 },
    },
  });
  verify(policy, [a]);
  assertRefused("threshold", () => verify(policy, [b]));
});

Deno.test("verifyManifest() asks for the publisher's whole threshold", () => {
  const policy = policyOf([keyOf(a, "active"), keyOf(b, "active")], 2);
  verify(policy, [a, b]);
  assertRefused("threshold", () => verify(policy, [a]));
  assertRefused("threshold", () => verify(policy, [a, a]));
  assertRefused("threshold", () => verify(policy, [a, stranger]));
});

Deno.test("verifyManifest() counts no revoked key, not even for a pinned module", () => {
  for (const isPinned of [false, true]) {
    const keys = [keyOf(a, "active"), keyOf(b, "revoked")];
    verify(policyOf(keys, 1, isPinned), [a, b]);
    assertRefused("key_revoked", () => verify(policyOf(keys, 1, isPinned), [b]));
    assertRefused("key_revoked", () => verify(policyOf(keys, 2, isPinned), [a, b]));
  }
});

Deno.test("verifyManifest() counts a retired key up to its sequence", () => {
  const policy = policyOf([keyOf(a, "retired", 12)]);
  verify(policy, [a], { sequence: 12 });
  assertRefused("key_retired", () => verify(policy, [a], { sequence: 13 }));
});

Deno.test("verifyManifest() counts a retired key without sequence for pinned modules only", () => {
  const keys = [keyOf(a, "retired")];
  verify(policyOf(keys, 1, true), [a], { sequence: 999 });
  assertRefused("key_retired", () => verify(policyOf(keys), [a], { sequence: 1 }));
  const module = { ...fleet.manifest().module, sha256: digestOf(new Uint8Array()) };
  assertRefused("key_retired", () => verify(policyOf(keys, 1, true), [a], { module }));
});

Deno.test("verifyManifest() does not let another script's pin help a retired key", () => {
  const policy = fleet.policy({
    publishers: { acme: { keys: [keyOf(a, "retired")], threshold: 1 } },
    accept: [{ ...PIN, script: "acme/other" }],
  });
  assertRefused("key_retired", () => verify(policy, [a]));
});

Deno.test("verifyManifest() names the revoked key when both states are missing", () => {
  const keys = [keyOf(a, "retired"), keyOf(b, "revoked")];
  assertRefused("key_revoked", () => verify(policyOf(keys, 2), [a, b]));
  assertRefused(
    "threshold",
    () => verify(policyOf([...keys, keyOf(stranger, "active")], 3), [a, b]),
  );
});

Deno.test("verifyManifest() looks at the schema only after a signature", () => {
  const bad = { note: 1 } as Partial<Manifest>;
  assertRefused("bad_schema", () => verify(policyOf([keyOf(a, "active")]), [a], bad));
  assertRefused("threshold", () => verify(policyOf([keyOf(a, "active")]), [b], bad));
});
