import assert from "node:assert/strict";
import fc from "fast-check";
import { editDistance, nearestWord } from "../../runtime/policy/near_word.ts";

Deno.test("editDistance() counts insertions, deletions, substitutions and swaps", () => {
  assert.equal(editDistance("", ""), 0);
  assert.equal(editDistance("orders", "oders"), 1);
  assert.equal(editDistance("orders", "ordres"), 1);
  assert.equal(editDistance("cpu", "cpus"), 1);
  assert.equal(editDistance("kitten", "sitting"), 3);
});

Deno.test("editDistance() is symmetric, and zero for equal words only", () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(fc.property(word, word, (a, b) => {
    assert.equal(editDistance(a, b), editDistance(b, a));
    assert.equal(editDistance(a, b) === 0, a === b);
  }));
});

Deno.test("nearestWord() answers nothing when no word is near", () => {
  assert.equal(nearestWord("operater", ["hub", "operator"]), "operator");
  assert.equal(nearestWord("ruN", ["run", "ffi"]), "run");
  assert.equal(nearestWord("peers", ["fleet", "mode"]), undefined);
  assert.equal(nearestWord("a", ["b"]), undefined);
  assert.equal(nearestWord("x", []), undefined);
  const long = "x".repeat(200);
  assert.equal(nearestWord(`${long.slice(1)}y`, [long]), long);
  assert.equal(nearestWord(`${long}y`, [`${long}x`]), undefined);
  assert.equal(nearestWord("x".repeat(1000), ["y".repeat(1000)]), undefined);
});
