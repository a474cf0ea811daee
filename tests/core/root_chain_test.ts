import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import type { Root } from "../../runtime/core/documents/root.ts";
import { openEnvelope } from "../../runtime/core/dsse.ts";
import { generateSigner, type Signer } from "../../runtime/core/key.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { verifyRootChain } from "../../runtime/core/verification/root_chain.ts";
import { assertRefused } from "./assert_refused.ts";
import { instant, makeFleet, NOW, roleOf } from "./fixtures.ts";

const fleet = makeFleet();
const old = fleet.signers.root;
const next = generateSigner();

function rootOf(version: number, keys: readonly Signer[], overrides: Partial<Root> = {}): Root {
  const roles = { root: roleOf(keys), accept: roleOf([fleet.signers.accept]) };
  return fleet.root({ version, roles, ...overrides });
}

function seal(root: Root, signers: readonly Signer[]): Uint8Array {
  return fleet.seal("root", root, signers);
}

Deno.test("verifyRootChain() keeps a root in use when nothing newer is known", () => {
  const root = fleet.root();
  const verified = verifyRootChain(root, [], NOW);
  assert.equal(verified.root, root);
  assert.equal(verified.digest, digestOf(openEnvelope("root", seal(root, [old])).payload));
});

Deno.test("verifyRootChain() follows a rotation signed by old and new keys", () => {
  const second = seal(rootOf(2, [next]), [old, next]);
  const third = seal(rootOf(3, [next], { epoch: 2 }), [next]);
  const { root } = verifyRootChain(fleet.root(), [second, third], NOW);
  assert.deepEqual([root.version, root.epoch], [3, 2]);
});

Deno.test("verifyRootChain() refuses a rotation that the old keys did not sign", () => {
  const bytes = seal(rootOf(2, [next]), [next]);
  assertRefused("threshold", () => verifyRootChain(fleet.root(), [bytes], NOW));
});

Deno.test("verifyRootChain() refuses a rotation that the new keys did not sign", () => {
  const bytes = seal(rootOf(2, [next]), [old]);
  assertRefused("threshold", () => verifyRootChain(fleet.root(), [bytes], NOW));
});

Deno.test("verifyRootChain() asks for the whole threshold of each", () => {
  const [a, b, c] = [generateSigner(), generateSigner(), generateSigner()];
  const roles = { root: roleOf([a, b, c], 2), accept: roleOf([fleet.signers.accept]) };
  const trusted = fleet.root({ roles });
  const successor = fleet.root({ version: 2, roles });
  verifyRootChain(trusted, [seal(successor, [a, c])], NOW);
  assertRefused("threshold", () => verifyRootChain(trusted, [seal(successor, [a])], NOW));
  assertRefused("threshold", () => verifyRootChain(trusted, [seal(successor, [a, a])], NOW));
});

Deno.test("verifyRootChain() accepts exactly the next version", () => {
  const root = fleet.root({ version: 5 });
  const successor = (version: number) => [seal(rootOf(version, [old]), [old])];
  verifyRootChain(root, successor(6), NOW);
  assertRefused("version_rollback", () => verifyRootChain(root, successor(5), NOW));
  assertRefused("version_rollback", () => verifyRootChain(root, successor(4), NOW));
  assertRefused("version_gap", () => verifyRootChain(root, successor(7), NOW));
});

Deno.test("verifyRootChain() refuses a lower epoch and accepts the same", () => {
  const root = fleet.root({ epoch: 2 });
  const successor = (epoch: number) => [seal(rootOf(2, [old], { epoch }), [old])];
  verifyRootChain(root, successor(2), NOW);
  assertRefused("epoch_rollback", () => verifyRootChain(root, successor(1), NOW));
});

Deno.test("verifyRootChain() refuses a root of another fleet", () => {
  const bytes = seal(rootOf(2, [old], { fleet: "other" }), [old]);
  assertRefused("wrong_fleet", () => verifyRootChain(fleet.root(), [bytes], NOW));
});

Deno.test("verifyRootChain() looks at the time of the last root only", () => {
  const past = { issued: instant(NOW - 2000), expires: instant(NOW - 1000) };
  const second = seal(rootOf(2, [old], past), [old]);
  const third = seal(rootOf(3, [old]), [old]);
  verifyRootChain(fleet.root(past), [second, third], NOW);
  assertRefused("expired", () => verifyRootChain(fleet.root(), [second], NOW));
  assertRefused("expired", () => verifyRootChain(fleet.root(past), [], NOW));
  const future = { issued: instant(NOW + LIMITS.CLOCK_SKEW_MS + 1000) };
  const early = seal(rootOf(2, [old], future), [old]);
  assertRefused("not_yet_valid", () => verifyRootChain(fleet.root(), [early], NOW));
});

Deno.test("verifyRootChain() starts from a digest and refuses any other first root", () => {
  const first = seal(fleet.root({ version: 3 }), [old]);
  const digest = digestOf(openEnvelope("root", first).payload);
  const second = seal(rootOf(4, [next]), [old, next]);
  assert.equal(verifyRootChain({ digest }, [first], NOW).digest, digest);
  assert.equal(verifyRootChain({ digest }, [first, second], NOW).root.version, 4);
  assertRefused("root_not_pinned", () => verifyRootChain({ digest }, [], NOW));
  assertRefused("root_not_pinned", () => verifyRootChain({ digest }, [second], NOW));
});

Deno.test("verifyRootChain() refuses a pinned root that its own keys did not sign", () => {
  const bytes = seal(fleet.root(), [generateSigner()]);
  const digest = digestOf(openEnvelope("root", bytes).payload);
  assertRefused("threshold", () => verifyRootChain({ digest }, [bytes], NOW));
});

Deno.test("verifyRootChain() refuses more roots than it walks before it opens one", () => {
  const rubbish = Array.from({ length: LIMITS.ROOT_CHAIN + 1 }, () => new Uint8Array());
  assertRefused("too_large", () => verifyRootChain(fleet.root(), rubbish, NOW));
  assertRefused("bad_envelope", () => verifyRootChain(fleet.root(), rubbish.slice(1), NOW));
});

Deno.test("verifyRootChain() refuses a signed root of a wrong schema", () => {
  const bad = { ...rootOf(2, [old]), note: 1 } as Root;
  assertRefused("bad_schema", () => verifyRootChain(fleet.root(), [seal(bad, [old])], NOW));
});
