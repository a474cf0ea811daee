import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import type { AcceptList } from "../../runtime/core/documents/acceptlist.ts";
import type { Manifest } from "../../runtime/core/documents/manifest.ts";
import type { Order } from "../../runtime/core/documents/order.ts";
import type { Root } from "../../runtime/core/documents/root.ts";
import type { VerificationCode } from "../../runtime/core/errors.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { makePolicy } from "../../runtime/core/policy_in_force.ts";
import { authorizeRun } from "../../runtime/core/verification/authorize_run.ts";
import { verifyOrder } from "../../runtime/core/verification/order.ts";
import { assertRefused } from "./assert_refused.ts";
import { instant, makeFleet, NOW, roleOf } from "./fixtures.ts";
import { PARSE_HERE } from "./parse_here.ts";

const fleet = makeFleet();

/** Verifies an order under the good policy, then authorizes it under another. */
function authorize(change: {
  list?: Partial<AcceptList>;
  root?: Partial<Root>;
  manifest?: Partial<Manifest>;
  order?: Partial<Order>;
  module?: Uint8Array;
  now?: number;
  highestSequence?: number;
}) {
  const order = verifyOrder(fleet.seal("order", fleet.order(change.order)), {
    policy: fleet.policy(),
    agent: fleet.agent,
    now: NOW,
    seen: () => false,
  });
  return authorizeRun({
    order,
    manifestBytes: fleet.seal("manifest", fleet.manifest(change.manifest)),
    moduleBytes: change.module ?? fleet.module,
    policy: fleet.policy(change.list, change.root),
    now: change.now ?? NOW,
    highestSequence: change.highestSequence,
    parsers: PARSE_HERE,
  });
}

Deno.test("authorizeRun() returns what a cell needs and what the record names", () => {
  const authorized = authorize({});
  assert.deepEqual(authorized.manifest, fleet.manifest());
  assert.deepEqual(authorized.grant, fleet.grant());
  assert.deepEqual(authorized.limits, fleet.grant().limits);
  assert.equal(authorized.moduleDigest, digestOf(fleet.module));
  assert.equal(authorized.policyDigest, fleet.policy().digest);
  assert.ok(authorized.javascript.includes("Hello, "));
});

Deno.test("authorizeRun() refuses in audit mode what would have run, and nothing else by that name", () => {
  const order = verifyOrder(fleet.seal("order", fleet.order()), {
    policy: fleet.policy(),
    agent: fleet.agent,
    now: NOW,
    seen: () => false,
  });
  const attempt = (list: Partial<AcceptList>, auditMode: boolean) => () =>
    authorizeRun({
      order,
      manifestBytes: fleet.seal("manifest", fleet.manifest()),
      moduleBytes: fleet.module,
      policy: makePolicy({ ...fleet.policy(list), ...(auditMode && { auditMode }) }),
      now: NOW,
      parsers: PARSE_HERE,
    });
  assert.ok(attempt({}, false)());
  assertRefused("audit_mode", attempt({}, true));
  assertRefused("not_accepted", attempt({ accept: [] }, true));
});

Deno.test("authorizeRun() narrows the grant's limits to what the manifest asks for", () => {
  const { limits } = authorize({ manifest: { limits: { cpuMs: 5 } } });
  assert.deepEqual(limits, { ...fleet.grant().limits, cpuMs: 5 });
});

Deno.test("authorizeRun() asks every rule again under the policy of this moment", async (t) => {
  const stranger = generateSigner();
  const module = Uint8Array.from(fleet.module);
  module[0]! ^= 1;
  const cases: [VerificationCode, string, Parameters<typeof authorize>[0]][] = [
    ["expired", "the order, by now", { now: Date.parse(fleet.order().expires) }],
    ["expired", "the list", { list: { expires: instant(NOW) } }],
    ["expired", "the root", { root: { expires: instant(NOW) } }],
    ["no_grant", "the grant is gone", { list: { grants: [] } }],
    ["orderer_not_entitled", "the grant names another", {
      list: { grants: [fleet.grant({ orders: ["hub"] })] },
    }],
    ["threshold", "the orderer is gone", {
      root: { orderers: { hub: roleOf([stranger]) } },
    }],
    ["unknown_publisher", "the publisher is gone", { list: { publishers: {} } }],
    ["denied", "the script", { list: { deny: [{ script: "acme/hello" }] } }],
    ["not_accepted", "the entry is gone", { list: { accept: [] } }],
    ["sequence_rollback", "a newer one was seen", { highestSequence: 13 }],
    ["runtime_range", "for a later Writ", { manifest: { runtime: ">=99" } }],
    ["order_mismatch", "another version", {
      order: { script: { name: "acme/hello", range: "1.0.0" } },
    }],
    ["module_hash", "a byte changed", { module }],
    ["module_length", "cut short", { module: fleet.module.subarray(1) }],
    ["request_beyond_grant", "a capability", { manifest: { capabilities: ["store"] } }],
    ["grant_beyond_ceiling", "a path", {
      list: { grants: [fleet.grant({ permissions: { read: ["/"] } })] },
    }],
  ];
  for (const [code, name, change] of cases) {
    await t.step(`${code}: ${name}`, () => assertRefused(code, () => authorize(change)));
  }
});

Deno.test("authorizeRun() refuses when the orderer's key was replaced since the order came in", () => {
  const root = { orderers: { operator: roleOf([generateSigner()]) } };
  assertRefused("threshold", () => authorize({ root }));
});

Deno.test("authorizeRun() refuses when the orderer's key was denied since the order came in", () => {
  const list = { deny: [{ key: fleet.signers.operator.publicKey }] };
  assertRefused("denied", () => authorize({ list }));
});
