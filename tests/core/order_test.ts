import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import type { Order } from "../../runtime/core/documents/order.ts";
import { openEnvelope } from "../../runtime/core/dsse.ts";
import { generateSigner, keyId, type Signer } from "../../runtime/core/key.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import type { PolicyInForce } from "../../runtime/core/policy_in_force.ts";
import { verifyOrder } from "../../runtime/core/verification/order.ts";
import { assertRefused } from "./assert_refused.ts";
import { instant, makeFleet, NOW, publicKeysOf, roleOf } from "./fixtures.ts";

const fleet = makeFleet();
const { operator } = fleet.signers;
const hub = generateSigner();

function verify(
  overrides: Partial<Order>,
  options: { policy?: PolicyInForce; signers?: Signer[]; seen?: (id: string) => boolean } = {},
) {
  const bytes = fleet.seal("order", fleet.order(overrides), options.signers);
  return verifyOrder(bytes, {
    policy: options.policy ?? fleet.policy(),
    agent: fleet.agent,
    now: NOW,
    seen: options.seen ?? (() => false),
  });
}

/** A policy under which both `operator` and `hub` exist. */
function withHub(orders: string[]): PolicyInForce {
  const orderers = { operator: roleOf([operator]), hub: roleOf([hub]) };
  return fleet.policy({ grants: [fleet.grant({ orders })] }, { orderers });
}

Deno.test("verifyOrder() returns the order, who gave it and its digest", () => {
  const order = fleet.order();
  const bytes = fleet.seal("order", order);
  const verified = verifyOrder(bytes, {
    policy: fleet.policy(),
    agent: fleet.agent,
    now: NOW,
    seen: () => false,
  });
  assert.deepEqual(verified.order, order);
  assert.equal(verified.orderer, "operator");
  assert.deepEqual([...verified.signers], [operator.publicKey]);
  assert.equal(verified.digest, digestOf(openEnvelope("order", bytes).payload));
});

Deno.test("verifyOrder() refuses an order that no orderer signed", async (t) => {
  for (const name of ["root", "accept", "publisher", "agent"] as const) {
    await t.step(`signed by ${name}`, () => {
      assertRefused("threshold", () => verify({}, { signers: [fleet.signers[name]] }));
    });
  }
  await t.step("no orderer exists", () => {
    assertRefused("threshold", () => verify({}, { policy: fleet.policy({}, { orderers: {} }) }));
  });
});

Deno.test("verifyOrder() asks for the orderer's whole threshold", () => {
  const policy = fleet.policy({}, { orderers: { operator: roleOf([operator, hub], 2) } });
  verify({}, { policy, signers: [operator, hub] });
  assertRefused("threshold", () => verify({}, { policy, signers: [operator] }));
  assertRefused("threshold", () => verify({}, { policy, signers: [operator, operator] }));
});

Deno.test("verifyOrder() does not add up keys of two orderers", () => {
  const [a, b] = [generateSigner(), generateSigner()];
  const orderers = { one: roleOf([operator, a], 2), two: roleOf([hub, b], 2) };
  const policy = fleet.policy({ grants: [fleet.grant({ orders: ["one", "two"] })] }, { orderers });
  verify({}, { policy, signers: [hub, b] });
  assertRefused("threshold", () => verify({}, { policy, signers: [operator, hub] }));
});

Deno.test("verifyOrder() refuses an orderer that the grant does not name", () => {
  assert.equal(verify({}, { policy: withHub(["hub"]), signers: [hub] }).orderer, "hub");
  assertRefused(
    "orderer_not_entitled",
    () => verify({}, { policy: withHub(["operator"]), signers: [hub] }),
  );
  assertRefused("orderer_not_entitled", () => verify({}, { policy: withHub([]), signers: [hub] }));
});

Deno.test("verifyOrder() finds the entitled one among several who signed", () => {
  const verified = verify({}, { policy: withHub(["hub"]), signers: [operator, hub] });
  assert.equal(verified.orderer, "hub");
  assert.deepEqual(verified.signers, new Set(publicKeysOf([operator, hub])));
});

Deno.test("verifyOrder() refuses a script that no grant names", () => {
  assertRefused("no_grant", () => verify({ script: { name: "acme/other", range: "*" } }));
  assertRefused("no_grant", () => verify({}, { policy: fleet.policy({ grants: [] }) }));
});

Deno.test("verifyOrder() refuses an order that a denied key signed", () => {
  const policy = fleet.policy({ deny: [{ key: operator.publicKey }] });
  assertRefused("denied", () => verify({}, { policy }));
  verify({}, { policy: fleet.policy({ deny: [{ key: hub.publicKey }] }) });
});

Deno.test("verifyOrder() refuses another fleet's order", () => {
  assertRefused("wrong_fleet", () => verify({ fleet: "other" }));
});

Deno.test("verifyOrder() accepts its agent's id and refuses others", () => {
  const other = keyId(generateSigner().publicKey);
  verify({ audience: { agents: [other, fleet.agent] } });
  assertRefused("wrong_audience", () => verify({ audience: { agents: [other] } }));
});

Deno.test("verifyOrder() accepts a label that the policy gives its agent and refuses others", () => {
  verify({ audience: { labels: ["cellar", "office"] } });
  assertRefused("wrong_audience", () => verify({ audience: { labels: ["cellar"] } }));
  const audience = { labels: ["office"] };
  verify({ audience }, {
    policy: fleet.policy({ labels: { [fleet.agent]: ["attic", "office"] } }),
  });
  const unlabelled = fleet.policy({ labels: {} });
  assertRefused("wrong_audience", () => verify({ audience }, { policy: unlabelled }));
  const elsewhere = fleet.policy({ labels: { [keyId(hub.publicKey)]: ["office"] } });
  assertRefused("wrong_audience", () => verify({ audience }, { policy: elsewhere }));
});

Deno.test("verifyOrder() refuses an order outside its time", () => {
  verify({ expires: instant(NOW + 1000) });
  assertRefused("expired", () => verify({ expires: instant(NOW) }));
  verify({ issued: instant(NOW + LIMITS.CLOCK_SKEW_MS) });
  const early = instant(NOW + LIMITS.CLOCK_SKEW_MS + 1000);
  assertRefused("not_yet_valid", () => verify({ issued: early }));
});

Deno.test("verifyOrder() refuses when the policy has expired", () => {
  verify({}, { policy: fleet.policy({ expires: instant(NOW + 1000) }) });
  const policy = fleet.policy({ expires: instant(NOW) });
  assertRefused("expired", () => verify({}, { policy }));
});

Deno.test("verifyOrder() refuses a schedule after the order's own expiry", () => {
  const expires = instant(NOW + 60_000);
  verify({ expires, schedule: { at: instant(NOW + 59_000) } });
  assertRefused("bad_schema", () => verify({ expires, schedule: { at: expires } }));
});

Deno.test("verifyOrder() refuses an id that was seen", () => {
  const id = crypto.randomUUID();
  verify({ id }, { seen: (other) => other !== id });
  assertRefused("replayed", () => verify({ id }, { seen: (other) => other === id }));
});

Deno.test("verifyOrder() looks at the schema only after the signature", () => {
  const bad = { note: 1 } as Partial<Order>;
  assertRefused("bad_schema", () => verify(bad));
  assertRefused("threshold", () => verify(bad, { signers: [hub] }));
});
