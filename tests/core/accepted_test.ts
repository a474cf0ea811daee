import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import type { AcceptEntry, DenyEntry } from "../../runtime/core/documents/acceptlist.ts";
import type { Manifest } from "../../runtime/core/documents/manifest.ts";
import type { Order } from "../../runtime/core/documents/order.ts";
import { generateSigner, type Signer } from "../../runtime/core/key.ts";
import { checkAccepted } from "../../runtime/core/verification/accepted.ts";
import { verifyManifest } from "../../runtime/core/verification/manifest.ts";
import { WRIT_VERSION } from "../../runtime/core/version.ts";
import { assertRefused } from "./assert_refused.ts";
import { makeFleet } from "./fixtures.ts";

const fleet = makeFleet();
const SHA256 = digestOf(fleet.module);
const OTHER = digestOf(new Uint8Array());
const RANGE: AcceptEntry = { script: "acme/hello", range: "^1.0.0" };
const PIN: AcceptEntry = { script: "acme/hello", sha256: SHA256 };

function check(options: {
  accept?: AcceptEntry[];
  deny?: DenyEntry[];
  manifest?: Partial<Manifest>;
  signers?: Signer[];
  highestSequence?: number;
  script?: Order["script"];
}): AcceptEntry {
  const policy = fleet.policy({ accept: options.accept ?? [RANGE], deny: options.deny ?? [] });
  const bytes = fleet.seal("manifest", fleet.manifest(options.manifest), options.signers);
  return checkAccepted(verifyManifest(bytes, { policy }), {
    policy,
    highestSequence: options.highestSequence,
    order: fleet.order(options.script && { script: options.script }),
  });
}

Deno.test("checkAccepted() refuses when no entry matches", () => {
  assert.deepEqual(check({}), RANGE);
  assertRefused("not_accepted", () => check({ accept: [] }));
  assertRefused("not_accepted", () => check({ accept: [{ script: "acme/other", range: "*" }] }));
  assertRefused("not_accepted", () => check({ accept: [{ script: "evil/hello", range: "*" }] }));
});

Deno.test("checkAccepted() accepts versions in the range and no other", () => {
  check({ manifest: { version: "1.0.0" } });
  const script = { name: "acme/hello", range: "*" } as const;
  assertRefused("not_accepted", () => check({ manifest: { version: "0.9.9" }, script }));
  assertRefused("not_accepted", () => check({ manifest: { version: "2.0.0" }, script }));
  assertRefused("not_accepted", () => check({ manifest: { version: "1.5.0-rc.1" }, script }));
});

Deno.test("checkAccepted() accepts a pinned hash of this script and no other", () => {
  assert.deepEqual(check({ accept: [RANGE, PIN] }), PIN);
  assertRefused("not_accepted", () => check({ accept: [{ script: "acme/hello", sha256: OTHER }] }));
  assertRefused(
    "not_accepted",
    () => check({ accept: [{ script: "acme/other", sha256: SHA256 }] }),
  );
});

Deno.test("checkAccepted() refuses a sequence below the entry's", () => {
  check({ accept: [{ ...RANGE, minSequence: 12 }] });
  assertRefused("sequence_rollback", () => check({ accept: [{ ...RANGE, minSequence: 13 }] }));
  // One entry that lets it pass is enough.
  const wider: AcceptEntry = { ...RANGE, range: "1.x", minSequence: 1 };
  assert.deepEqual(check({ accept: [{ ...RANGE, minSequence: 13 }, wider] }), wider);
});

Deno.test("checkAccepted() refuses a sequence below the highest seen, unless it is pinned", () => {
  check({ highestSequence: 12 });
  assertRefused("sequence_rollback", () => check({ highestSequence: 13 }));
  check({ highestSequence: 13, accept: [PIN] });
});

Deno.test("checkAccepted() refuses what a deny entry names, pinned or not", async (t) => {
  const { publicKey } = fleet.signers.publisher;
  const cases: [string, DenyEntry, DenyEntry][] = [
    ["a key", { key: publicKey }, { key: generateSigner().publicKey }],
    ["a hash", { sha256: SHA256 }, { sha256: OTHER }],
    ["a script", { script: "acme/hello" }, { script: "acme/hell" }],
    ["a range", { script: "acme/hello", range: "<=1.2.0" }, {
      script: "acme/hello",
      range: "<1.2.0",
    }],
  ];
  for (const [name, denying, harmless] of cases) {
    await t.step(name, () => {
      assertRefused("denied", () => check({ deny: [denying], accept: [PIN] }));
      assertRefused("denied", () => check({ deny: [harmless, denying] }));
      check({ deny: [harmless] });
    });
  }
});

Deno.test("checkAccepted() refuses a prerelease of what a deny range names", () => {
  const manifest = { version: "1.2.0-rc.1" };
  const script = { name: "acme/hello", sha256: SHA256 } as const;
  check({ manifest, accept: [PIN], script });
  const deny = [{ script: "acme/hello", range: "<1.2.0" } as const];
  assertRefused("denied", () => check({ manifest, accept: [PIN], deny, script }));
});

Deno.test("checkAccepted() refuses a denied key that signed besides the publisher's", () => {
  const bad = generateSigner();
  const signers = [fleet.signers.publisher, bad];
  check({ signers });
  assertRefused("denied", () => check({ signers, deny: [{ key: bad.publicKey }] }));
});

Deno.test("checkAccepted() refuses a module for another Writ", () => {
  check({ manifest: { runtime: WRIT_VERSION } });
  assertRefused("runtime_range", () => check({ manifest: { runtime: `>${WRIT_VERSION}` } }));
});

Deno.test("checkAccepted() refuses what is not the script that the order names", async (t) => {
  const name = "acme/hello";
  check({ script: { name, sha256: SHA256 } });
  check({ script: { name, range: "1.2.0" } });
  const cases: [string, Order["script"]][] = [
    ["another hash", { name, sha256: OTHER }],
    ["another version", { name, range: "1.2.1" }],
    ["another name", { name: "acme/other", range: "*" }],
    ["another name, the same hash", { name: "acme/other", sha256: SHA256 }],
  ];
  for (const [what, script] of cases) {
    await t.step(what, () => assertRefused("order_mismatch", () => check({ script })));
  }
});

Deno.test("checkAccepted() decides without an order when nobody asked", () => {
  const policy = fleet.policy();
  const verified = verifyManifest(fleet.seal("manifest", fleet.manifest()), { policy });
  assert.deepEqual(checkAccepted(verified, { policy }), RANGE);
});
