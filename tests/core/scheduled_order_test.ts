import assert from "node:assert/strict";
import { canonicalBytes } from "../../runtime/core/canonical_json.ts";
import type { AcceptList } from "../../runtime/core/documents/acceptlist.ts";
import type { Order } from "../../runtime/core/documents/order.ts";
import type { VerificationCode } from "../../runtime/core/errors.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { authorizeRun } from "../../runtime/core/verification/authorize_run.ts";
import { verifyOrder } from "../../runtime/core/verification/order.ts";
import { verifyScheduledOrder } from "../../runtime/core/verification/scheduled_order.ts";
import { assertRefused } from "./assert_refused.ts";
import { instant, makeFleet, NOW } from "./fixtures.ts";
import { PARSE_HERE } from "./parse_here.ts";

const fleet = makeFleet();

function verify(change: Partial<Order>, list: Partial<AcceptList> = {}, now = NOW) {
  const order = fleet.order(change);
  return verifyScheduledOrder(canonicalBytes(order), {
    policy: fleet.policy(list),
    script: fleet.order().script.name,
    agent: fleet.agent,
    now,
  });
}

Deno.test("verifyScheduledOrder() takes what names its own script, in the name of the script", () => {
  const { orderer, signers } = verify({});
  assert.equal(orderer, "script");
  assert.equal(signers.size, 0);
});

Deno.test("verifyScheduledOrder() refuses", async (t) => {
  const cases: [what: string, code: VerificationCode, act: () => unknown][] = [
    [
      "another script",
      "order_mismatch",
      () => verify({ script: { name: "acme/other", range: "*" } }),
    ],
    ["another fleet", "wrong_fleet", () => verify({ fleet: "elsewhere" })],
    ["a script whose grant is gone", "no_grant", () => verify({}, { grants: [] })],
    ["another agent", "wrong_audience", () => verify({ audience: { agents: [other] } })],
    ["labels", "wrong_audience", () => verify({ audience: { labels: ["office"] } })],
    ["what has expired", "expired", () => verify({}, {}, Date.parse(fleet.order().expires))],
    ["what is from the future", "not_yet_valid", () => verify({ issued: instant(NOW + 400_000) })],
  ];
  const other = `writ-key:${"A".repeat(43)}` as const;
  for (const [what, code, act] of cases) await t.step(what, () => assertRefused(code, act));
});

Deno.test("authorizeRun() asks of a scheduled run what it asks of any but who ordered it", () => {
  const run = {
    order: verify({}),
    manifestBytes: fleet.seal("manifest", fleet.manifest()),
    moduleBytes: fleet.module,
    policy: fleet.policy(),
    now: NOW,
    parsers: PARSE_HERE,
  };
  assert.ok(authorizeRun(run).javascript);
  assertRefused(
    "not_accepted",
    () => authorizeRun({ ...run, policy: fleet.policy({ accept: [] }) }),
  );
});

Deno.test("verifyOrder() lets no key order in the name of scripts", () => {
  const signer = generateSigner();
  const policy = fleet.policy();
  const named = {
    ...policy,
    orderers: new Map([["script", { keys: [signer.publicKey], threshold: 1 }]]),
  };
  const bytes = fleet.seal("order", fleet.order(), [signer]);
  const options = { policy: named, agent: fleet.agent, now: NOW, seen: () => false };
  assertRefused("threshold", () => verifyOrder(bytes, options));
});
