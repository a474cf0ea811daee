import assert from "node:assert/strict";
import fc from "fast-check";
import { formatSize, formatTime, parseQuantity } from "../../runtime/policy/units.ts";

Deno.test("parseQuantity() reads whole numbers with a unit", () => {
  const cases: [("size" | "time"), string, number][] = [
    ["size", "1 B", 1],
    ["size", "256 kB", 256_000],
    ["size", "128 MB", 128_000_000],
    ["size", "2GB", 2_000_000_000],
    ["time", "500 ms", 500],
    ["time", "10 s", 10_000],
    ["time", "2 min", 120_000],
    ["time", "1 h", 3_600_000],
    ["time", "30 d", 2_592_000_000],
  ];
  for (const [kind, text, value] of cases) assert.equal(parseQuantity(kind, text), value);
});

Deno.test("parseQuantity() refuses everything else with a hint", async (t) => {
  const cases: [("size" | "time"), string, RegExp][] = [
    ["size", "128", /"128 MB"/],
    ["time", "10", /"10 s"/],
    ["size", "128 MiB", /"128 MB"/],
    ["size", "128 mb", /"128 MB"/],
    ["size", "128 KB", /"128 kB"/],
    ["time", "10 sec", /"10 s"/],
    ["time", "2 minutes", /"2 min"/],
    ["size", "10 s", /use one of/],
    ["size", "1.5 MB", /whole number/],
    ["size", "-1 MB", /whole number/],
    ["size", "1e3 B", /whole number|B/],
    ["size", "0 MB", /at least 1/],
    ["size", "9999999999 GB", /smaller/],
    ["size", "", /whole number/],
    ["size", "MB", /whole number/],
    ["size", "1 constructor", /use one of|did you/],
  ];
  for (const [kind, text, hint] of cases) {
    await t.step(`${kind} ${JSON.stringify(text)}`, () => {
      const result = parseQuantity(kind, text);
      assert.ok(typeof result === "object");
      assert.match(result.hint, hint);
    });
  }
});

Deno.test("formatSize() and formatTime() write what parseQuantity() reads back", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (n) => {
    assert.equal(parseQuantity("size", formatSize(n)), n);
    assert.equal(parseQuantity("time", formatTime(n)), n);
  }));
  assert.equal(formatSize(128_000_000), "128 MB");
  assert.equal(formatTime(120_000), "2 min");
});
