import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalText, isSameJson } from "../../runtime/core/canonical_json.ts";
import { exceeds } from "../../runtime/core/json_depth.ts";
import { acceptEntriesOf, denyIndexOf } from "../../runtime/core/verification/policy_index.ts";
import { TestFleet } from "../agent/fixture.ts";

Deno.test("acceptEntriesOf() gives the entries of one script in the policy's sequence", () => {
  const accept = [
    { script: "a/x", range: "1" },
    { script: "a/y", range: "2" },
    { script: "a/x", range: "3" },
  ] as const;
  const policy = new TestFleet().policy({ accept: [...accept] });
  assert.deepEqual(acceptEntriesOf(policy, "a/x"), [accept[0], accept[2]]);
  assert.deepEqual(acceptEntriesOf(policy, "a/z"), []);
});

Deno.test("denyIndexOf() finds entries by key, hash and script, of each policy its own", () => {
  const fleet = new TestFleet();
  const key = fleet.publisher.publicKey;
  const sha256 = `sha256:${"0".repeat(64)}` as const;
  const deny = [{ key }, { sha256 }, { script: "a/x" as const }];
  const { keys, hashes, scripts } = denyIndexOf(fleet.policy({ deny }));
  assert.deepEqual([keys.get(key), hashes.get(sha256), scripts.get("a/x")], [
    deny[0],
    deny[1],
    [deny[2]],
  ]);
  assert.equal(denyIndexOf(fleet.policy({ deny: [] })).keys.size, 0);
});

Deno.test("isSameJson() says of any two values what their canonical texts say", () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  fc.assert(fc.property(value, value, (a, b) => {
    // Minus zero has the text of zero.
    const [x, y] = [JSON.parse(canonicalText(a)), JSON.parse(canonicalText(b))];
    assert.equal(isSameJson(x, y), canonicalText(a) === canonicalText(b));
    assert.ok(isSameJson(x, structuredClone(x)));
  }));
  assert.ok(!isSameJson({ a: undefined }, {}));
  assert.ok(!isSameJson({ toString: 1 }, { valueOf: 1 }));
  assert.ok(!isSameJson([], {}));
});

Deno.test("exceeds() counts brackets outside strings, whatever the strings hold", () => {
  const limits = (depth: number, containers: number) => ({ depth, containers });
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
    const text = JSON.stringify(value);
    const bare = text.replace(/"(\\.|[^"\\])*"/g, '""');
    const count = bare.match(/[[{]/g)?.length ?? 0;
    assert.equal(exceeds(text, limits(Infinity, count)), undefined);
    if (count > 0) assert.equal(exceeds(text, limits(Infinity, count - 1)), "containers");
  }));
  assert.equal(exceeds('"\\"[[["', limits(0, 0)), undefined);
  assert.equal(exceeds('"\\\\"[', limits(0, 9)), "depth");
  assert.equal(exceeds('"[', limits(0, 0)), undefined, "a string without an end");
});
