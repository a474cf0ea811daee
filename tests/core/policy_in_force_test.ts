import assert from "node:assert/strict";
import { makePolicy, policyInForceFrom } from "../../runtime/core/policy_in_force.ts";
import { instant, makeFleet, NOW, roleOf } from "./fixtures.ts";

const fleet = makeFleet();

Deno.test("policyInForceFrom() takes the rules from the list and the orderers from the root", () => {
  const policy = policyInForceFrom(fleet.list(), fleet.root(), fleet.ceiling);
  assert.equal(policy.fleet, "demo");
  assert.deepEqual([...policy.orderers.keys()], ["operator"]);
  assert.deepEqual([...policy.publishers.keys()], ["acme"]);
  assert.deepEqual(policy.grants.get("acme/hello"), fleet.grant());
  assert.deepEqual(policy.labels.get(fleet.agent), ["office"]);
});

Deno.test("policyInForceFrom() expires with the list or the root, whichever is first", () => {
  const at = (ms: number) => ({ expires: instant(ms) });
  assert.equal(fleet.policy(at(NOW + 1000), at(NOW + 2000)).expires, NOW + 1000);
  assert.equal(fleet.policy(at(NOW + 2000), at(NOW + 1000)).expires, NOW + 1000);
});

Deno.test("makePolicy() gives the same rules the same digest, whatever their sequence", () => {
  const policy = fleet.policy();
  assert.equal(fleet.policy().digest, policy.digest);
  const [a, b] = [roleOf([fleet.signers.root]), roleOf([fleet.signers.agent])];
  assert.equal(
    makePolicy({ ...policy, orderers: new Map([["a", a], ["b", b]]) }).digest,
    makePolicy({ ...policy, orderers: new Map([["b", b], ["a", a]]) }).digest,
  );
});

Deno.test("makePolicy() gives another digest when any rule changes", async (t) => {
  const policy = fleet.policy();
  const { expires: _, ...withoutExpiry } = policy;
  const changes = {
    fleet: { ...policy, fleet: "other" },
    orderers: { ...policy, orderers: new Map() },
    publishers: { ...policy, publishers: new Map() },
    accept: { ...policy, accept: [] },
    deny: { ...policy, deny: [{ script: "acme/hello" as const }] },
    grants: { ...policy, grants: new Map() },
    labels: { ...policy, labels: new Map() },
    ceiling: { ...policy, ceiling: { ...policy.ceiling, permissions: {} } },
    expires: withoutExpiry,
  };
  for (const [name, changed] of Object.entries(changes)) {
    await t.step(name, () => assert.notEqual(makePolicy(changed).digest, policy.digest));
  }
});

Deno.test("makePolicy() keeps a rule under a name that objects have by birth", () => {
  const policy = fleet.policy();
  const role = roleOf([fleet.signers.root]);
  const named = makePolicy({ ...policy, orderers: new Map([["constructor", role]]) });
  assert.notEqual(named.digest, makePolicy({ ...policy, orderers: new Map() }).digest);
});

Deno.test("makePolicy() returns what cannot be changed", () => {
  const policy = fleet.policy() as { fleet: string };
  assert.throws(() => policy.fleet = "other", TypeError);
});
