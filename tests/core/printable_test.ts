import fc from "fast-check";
import assert from "node:assert/strict";
import {
  isPrintable,
  printable,
  printableJson,
  printableLines,
} from "../../runtime/core/printable.ts";

Deno.test("printable() leaves what people write as it is", () => {
  const text = 'Grüße, 日本, 🖨 — "quoted" \\ 50 %';
  assert.equal(printable(text), text);
});

Deno.test("printable() escapes everything a terminal obeys", () => {
  const cases = [
    ["\x1b]0;title\x07", "\\x1b]0;title\\x07"],
    ["a\rb\nc\td", "a\\rb\\nc\\td"],
    ["\x9b31m", "\\x9b31m"],
    ["\x7f", "\\x7f"],
    ["abc\u202egpj.exe", "abc\\u202egpj.exe"],
    ["a\u2028b", "a\\u2028b"],
    ["\ud800", "\\ud800"],
    ["\0", "\\x00"],
  ] as const;
  for (const [text, shown] of cases) assert.equal(printable(text), shown);
});

Deno.test("printableLines() keeps line breaks and nothing else", () => {
  assert.equal(printableLines("a\r\nb\x1b[1m\nc", "> "), "a\n> b\\x1b[1m\n> c");
});

Deno.test("printableJson() holds the same value and nothing that a terminal obeys", () => {
  const value = { "k\x9b31m": ["\x7f\x85\u202e\u2028\u{e0041}", "Grüße 🖨"] };
  const text = printableJson(value, 2);
  assert.deepEqual(JSON.parse(text), value);
  assert.equal(printable(text.replaceAll("\n", "")), text.replaceAll("\n", ""));
  assert.ok(text.includes("Grüße 🖨"));
  fc.assert(fc.property(fc.jsonValue(), (any) => {
    const written = printableJson(any);
    assert.deepEqual(JSON.parse(written), JSON.parse(JSON.stringify(any)));
    assert.equal(printable(written), written);
  }));
});

Deno.test("isPrintable() is false for what printable() changes, and for nothing else", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.equal(isPrintable(text), printable(text) === text);
  }));
  assert.equal(isPrintable("abc\u202egpj.exe"), false);
  assert.equal(isPrintable("Grüße 🖨"), true);
});
