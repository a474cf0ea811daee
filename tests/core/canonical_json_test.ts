import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalBytes, parseCanonical } from "../../runtime/core/canonical_json.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { assertRefused } from "./assert_refused.ts";
import { utf8 } from "./fixtures.ts";
import { testVectors } from "./vectors.ts";

for (const name of ["arrays", "french", "structures", "values", "weird"]) {
  testVectors(
    `canonicalBytes() writes RFC 8785's ${name} as expected`,
    `rfc8785/input/${name}.json`,
    async (input) => {
      const output = new URL(
        `../../../shared/vectors/rfc8785/output/${name}.json`,
        import.meta.url,
      );
      // One of the files ends in a line break, which is the file's and not the vector's.
      const expected = utf8((await Deno.readTextFile(output)).replace(/\n$/, ""));
      assert.deepEqual(canonicalBytes(JSON.parse(input)), expected);
      assert.deepEqual(parseCanonical(expected), JSON.parse(input));
      assertRefused("not_canonical", () => parseCanonical(utf8(input)));
    },
  );
}

Deno.test("parseCanonical() reads what canonicalBytes() wrote", () => {
  // That one key is refused wherever it stands.
  const values = fc.jsonValue({ noUnicodeString: false })
    .filter((value) => !JSON.stringify(value).includes('"__proto__":'));
  fc.assert(fc.property(values, (value) => {
    const bytes = canonicalBytes(value);
    assert.deepEqual(canonicalBytes(parseCanonical(bytes)), bytes);
  }));
});

Deno.test("parseCanonical() accepts the canonical and refuses the nearest other spelling", async (t) => {
  const cases: [name: string, accepted: string, refused: string][] = [
    ["a space", '{"a":1}', '{"a": 1}'],
    ["a line break at the end", "[]", "[]\n"],
    ["keys unsorted", '{"a":1,"b":2}', '{"b":2,"a":1}'],
    ["a duplicate key", '{"a":1}', '{"a":1,"a":1}'],
    ["a duplicate key, escaped", '{"a":1}', '{"\\u0061":1}'],
    ["minus zero", "0", "-0"],
    ["a fraction of zero", "1", "1.0"],
    ["an exponent", "100", "1e2"],
    ["infinity", "1e+308", "1e400"],
    ["more digits than a double has", "9007199254740992", "9007199254740993"],
    ["an escape that needs none", '"/"', '"\\/"'],
    ["an escaped control character", '"\\n"', '"\\u000a"'],
    ["a lone surrogate", '"\u{1f602}"', '"\\ud83d"'],
    ["a byte order mark", "1", "\ufeff1"],
    ["nothing", "null", ""],
    ["two values", "[1]", "1 1"],
    ["a comma too many", "[1]", "[1,]"],
    ["a comment", "1", "1/**/"],
    ["NaN", "0", "NaN"],
  ];
  for (const [name, accepted, refused] of cases) {
    await t.step(name, () => {
      parseCanonical(utf8(accepted));
      assertRefused("not_canonical", () => parseCanonical(utf8(refused)));
    });
  }
});

Deno.test("parseCanonical() refuses __proto__ as a key and keeps it as a string", async (t) => {
  for (const text of ['{"__proto__":1}', '{"a":{"__proto__":{}}}', '[{"__proto__":null}]']) {
    await t.step(text, () => assertRefused("not_canonical", () => parseCanonical(utf8(text))));
  }
  for (const text of ['"__proto__"', '{"a":"__proto__"}', '["\\"__proto__\\":"]']) {
    await t.step(text, () => assert.deepEqual(parseCanonical(utf8(text)), JSON.parse(text)));
  }
});

Deno.test("parseCanonical() refuses bytes that are not UTF-8", async (t) => {
  const cases: [string, number[]][] = [
    ["a stray continuation byte", [0x22, 0x80, 0x22]],
    ["an overlong slash", [0x22, 0xc0, 0xaf, 0x22]],
    ["an encoded surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ["cut within a character", [0x22, 0xe2, 0x82]],
    ["UTF-16", [0xff, 0xfe, 0x31, 0x00]],
  ];
  for (const [name, bytes] of cases) {
    await t.step(
      name,
      () => assertRefused("not_canonical", () => parseCanonical(Uint8Array.from(bytes))),
    );
  }
});

Deno.test("parseCanonical() accepts nesting at the limit and refuses one more", () => {
  const nested = (depth: number) => utf8("[".repeat(depth) + "]".repeat(depth));
  parseCanonical(nested(LIMITS.JSON_DEPTH));
  assertRefused("not_canonical", () => parseCanonical(nested(LIMITS.JSON_DEPTH + 1)));
  assertRefused("not_canonical", () => parseCanonical(nested(1_000_000)));
});

Deno.test("parseCanonical() counts brackets outside strings only", () => {
  const brackets = "[".repeat(LIMITS.JSON_DEPTH + 1);
  for (const words of [brackets, `"${brackets}`, `\\${brackets}`, `\\"{${brackets}`]) {
    const text = JSON.stringify([words, words]);
    assert.deepEqual(parseCanonical(utf8(text)), [words, words]);
  }
  const closed = brackets + "]".repeat(brackets.length);
  assertRefused("not_canonical", () => parseCanonical(utf8(`["",${closed}]`)));
  assertRefused("not_canonical", () => parseCanonical(utf8(`["\\\\",${closed}]`)));
});

Deno.test("canonicalBytes() refuses what has no JSON form", async (t) => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  for (const value of [undefined, NaN, Infinity, "\ud800", cyclic, () => 1]) {
    await t.step(Deno.inspect(value), () => assert.throws(() => canonicalBytes(value), TypeError));
  }
});
