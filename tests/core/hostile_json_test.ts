import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_CONTAINERS, MAX_DEPTH, parseHostileJson } from "../../runtime/core/hostile_json.ts";

Deno.test("parseHostileJson() gives what JSON.parse gives for honest values", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
    const text = JSON.stringify(value);
    assert.equal(JSON.stringify(parseHostileJson(text)), text);
  }));
});

Deno.test("parseHostileJson() keeps __proto__ as data and gives objects no prototype", () => {
  const value = parseHostileJson('{"a":{"__proto__":{"polluted":1}}}') as { a: object };
  assert.equal(Object.getPrototypeOf(value.a), null);
  assert.deepEqual(Object.keys(value.a), ["__proto__"]);
  assert.equal(({} as { polluted?: number }).polluted, undefined);
});

Deno.test("parseHostileJson() accepts the deepest nesting and refuses one level more", () => {
  parseHostileJson("[".repeat(MAX_DEPTH) + "]".repeat(MAX_DEPTH));
  assert.throws(
    () => parseHostileJson("[".repeat(MAX_DEPTH + 1) + "]".repeat(MAX_DEPTH + 1)),
    RangeError,
  );
});

Deno.test("parseHostileJson() does not count brackets inside strings", () => {
  const text = JSON.stringify('"\\' + "[{".repeat(MAX_DEPTH));
  assert.equal(parseHostileJson(text), JSON.parse(text));
});

Deno.test("parseHostileJson() refuses what is not JSON", async (t) => {
  for (const text of ["", "{", "undefined", "{'a':1}", "1 2", "\u0000"]) {
    await t.step(JSON.stringify(text), () => {
      assert.throws(() => parseHostileJson(text), SyntaxError);
    });
  }
});

Deno.test("parseHostileJson() accepts so many objects and lists and refuses one more", () => {
  const list = (count: number) => `[${Array(count - 1).fill("{}").join(",")}]`;
  parseHostileJson(list(MAX_CONTAINERS));
  assert.throws(() => parseHostileJson(list(MAX_CONTAINERS + 1)), RangeError);
});
