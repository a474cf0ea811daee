import assert from "node:assert/strict";
import fc from "fast-check";
import { type Ceiling, DEFAULT_LIMITS, type Grant } from "../../runtime/core/documents/grant.ts";
import type { PublicKey } from "../../runtime/core/documents/common.ts";
import {
  makePolicy,
  policyFromRules,
  type PolicyInForce,
  rulesOf,
} from "../../runtime/core/policy_in_force.ts";
import { firstUncovered } from "../../runtime/core/permission_subset.ts";
import { changeText, diffPolicies } from "../../runtime/policy/mod.ts";
import { newKey } from "./fixture.ts";
import { permissions } from "./permissions_arbitrary.ts";

const [a, b] = [newKey(), newKey()] as [PublicKey, PublicKey];

const GRANT: Grant = {
  script: "acme/print",
  orders: ["operator"],
  permissions: { read: ["/srv/forms"] },
  limits: DEFAULT_LIMITS,
};

function policy(change: Partial<Omit<PolicyInForce, "digest">> = {}): PolicyInForce {
  return makePolicy({
    fleet: "office",
    orderers: new Map([["operator", { keys: [a], threshold: 1 }]]),
    publishers: new Map([["acme", { keys: [{ key: a, state: "active" }], threshold: 1 }]]),
    accept: [{ script: "acme/print", range: "^1.2.0" }],
    deny: [{ script: "acme/scan", reason: "leaks" }],
    grants: new Map([[GRANT.script, GRANT]]),
    labels: new Map(),
    ceiling: { permissions: { read: ["/srv"] }, limits: DEFAULT_LIMITS },
    ...change,
  });
}

/** `mark part` of every change. */
function brief(after: PolicyInForce, before = policy()): string[] {
  return diffPolicies(before, after).map((change) => `${changeText(change)[0]} ${change.part}`);
}

const granted = (change: Partial<Grant>) =>
  policy({ grants: new Map([[GRANT.script, { ...GRANT, ...change }]]) });
const ceilinged = (change: Partial<Ceiling>) =>
  policy({ ceiling: { permissions: { read: ["/srv"] }, limits: DEFAULT_LIMITS, ...change } });
const keyed = (key: PublicKey, state: "active" | "retired" | "revoked", maxSequence?: number) => ({
  key,
  state,
  ...(maxSequence !== undefined && { maxSequence }),
});
const published = (...keys: ReturnType<typeof keyed>[]) =>
  policy({ publishers: new Map([["acme", { keys, threshold: 1 }]]) });

Deno.test("diffPolicies() says of each change whether it widens", async (t) => {
  const cases: [what: string, after: PolicyInForce, expected: string[]][] = [
    ["nothing", policy(), []],
    ["a ceiling for services", ceilinged({ capabilities: {}, serve: [] }), [
      "- ceiling",
      "- ceiling",
    ]],
    ["a ceiling for some services", ceilinged({ capabilities: { store: {} } }), [
      "~ ceiling",
      "- ceiling",
    ]],
    ["a wider range", policy({ accept: [{ script: "acme/print", range: "^1.0.0" }] }), [
      "+ accept",
      "~ accept",
    ]],
    ["a narrower range", policy({ accept: [{ script: "acme/print", range: "~1.2.3" }] }), [
      "~ accept",
      "- accept",
    ]],
    ["a deny entry that goes", policy({ deny: [] }), ["+ deny"]],
    ["another reason", policy({ deny: [{ script: "acme/scan", reason: "slow" }] }), []],
    ["a second publisher's key", published(keyed(a, "active"), keyed(b, "active")), [
      "+ publisher",
    ]],
    ["a key that is retired", published(keyed(a, "retired", 3)), ["- publisher"]],
    ["a revoked key that is new", published(keyed(a, "active"), keyed(b, "revoked")), [
      "~ publisher",
    ]],
    [
      "a higher threshold",
      policy({ orderers: new Map([["operator", { keys: [a], threshold: 2 }]]) }),
      [
        "- orderer",
      ],
    ],
    [
      "a new orderer",
      policy({
        orderers: new Map([["operator", { keys: [a], threshold: 1 }], ["hub", {
          keys: [b],
          threshold: 1,
        }]]),
      }),
      ["+ orderer"],
    ],
    ["a path below a granted one", granted({ permissions: { read: ["/srv/forms/a4"] } }), [
      "~ grant",
      "- grant",
    ]],
    ["a path above it", granted({ permissions: { read: ["/srv"] } }), ["+ grant", "~ grant"]],
    [
      "another host",
      granted({
        permissions: {
          read: ["/srv/forms"],
          net: [{ address: "example.com:443", internal: false }],
        },
      }),
      ["+ grant"],
    ],
    ["more time", granted({ limits: { ...DEFAULT_LIMITS, cpuMs: 9_000 } }), ["+ grant"]],
    ["a longer life", granted({ life: "live" }), ["+ grant"]],
    ["a level demanded", granted({ minLevel: 2 }), ["- grant"]],
    ["an endpoint", granted({ serve: ["public"] }), ["+ grant"]],
    ["a capability taken", policy({ grants: new Map() }), ["- grant"]],
    ["a label", policy({ labels: new Map([["writ-key:x", ["office"]]]) }), ["+ label"]],
    ["a lower ceiling", policy({ ceiling: { permissions: {}, limits: DEFAULT_LIMITS } }), [
      "- ceiling",
    ]],
    ["audit mode", policy({ auditMode: true }), ["- audit-mode"]],
    ["an expiry", policy({ expires: 1_000 }), ["- expiry"]],
  ];
  for (const [what, after, expected] of cases) {
    await t.step(what, () => assert.deepEqual(brief(after), expected));
  }
});

Deno.test("diffPolicies() names unsafe permissions first", () => {
  const [first] = diffPolicies(
    policy(),
    granted({
      life: "warm",
      permissions: {
        read: ["/srv/forms"],
        unsafe: [{ permission: "run", value: "", reason: "old driver" }],
      },
    }),
  );
  assert.equal(first?.unsafe, true);
  assert.ok(changeText(first!).includes("UNSAFE can start any program"));
});

Deno.test("diffPolicies() calls no permission wider that the old grant covers, and every other one", () => {
  fc.assert(fc.property(permissions, permissions, (before, after) => {
    const found = diffPolicies(granted({ permissions: before }), granted({ permissions: after }));
    const wider = found.some(({ effect }) => effect === "widens");
    assert.equal(wider, firstUncovered(after, before) !== undefined);
  }));
});

Deno.test("policyFromRules() makes the policy that rulesOf() wrote down", () => {
  for (const one of [policy(), policy({ expires: 5, auditMode: true })]) {
    const again = policyFromRules(JSON.parse(JSON.stringify(rulesOf(one))));
    assert.equal(again.digest, one.digest);
    assert.deepEqual(diffPolicies(one, again), []);
  }
});

Deno.test("diffPolicies() tells a ceiling for services that widens from one that narrows", () => {
  const none = ceilinged({ capabilities: {}, serve: [] });
  const some = ceilinged({ capabilities: { store: {} }, serve: ["loopback"] });
  assert.deepEqual(brief(some, none), ["+ ceiling", "+ ceiling"]);
  assert.deepEqual(brief(none, some), ["- ceiling", "- ceiling"]);
  assert.deepEqual(brief(policy(), none), ["+ ceiling", "+ ceiling"]);
});

Deno.test("diffPolicies() tells an address that became internal, though its words are the same", () => {
  const net = (internal: boolean) =>
    granted({ permissions: { net: [{ address: "10.0.0.1:81", internal }] } });
  assert.deepEqual(brief(net(true), net(false)), ["+ grant", "~ grant"]);
  assert.deepEqual(brief(net(true), net(true)), []);
});
