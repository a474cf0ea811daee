import assert from "node:assert/strict";
import { isMet, type Row, type Target } from "./row.ts";
import { median, quantile } from "./statistics.ts";
import { tableOf } from "./table.ts";

const row = (value: number, target: Target, beside?: number): Row => ({
  what: "first result",
  value,
  unit: "ms",
  ...(beside === undefined ? {} : { beside: { name: "another", value: beside } }),
  target,
});

Deno.test("isMet() takes what is just at its target and refuses what is past it", async (t) => {
  const most: Target = { of: "value", most: true, limit: 20 };
  const least: Target = { of: "value", most: false, limit: 20 };
  const ratio: Target = { of: "ratio", most: true, limit: 0.5 };
  const cases: [name: string, Row, met: boolean | undefined][] = [
    ["at most", row(20, most), true],
    ["above the most", row(20.1, most), false],
    ["at least", row(20, least), true],
    ["below the least", row(19.9, least), false],
    ["ratio at most", row(10, ratio, 20), true],
    ["ratio above the most", row(10, ratio, 19), false],
    ["ratio to nothing", row(10, ratio), false],
    ["no figure", row(NaN, most), false],
    ["no target", { what: "x", value: 1, unit: "ms" }, undefined],
  ];
  for (const [name, measured, met] of cases) {
    await t.step(name, () => assert.equal(isMet(measured), met));
  }
});

Deno.test("median() and quantile() read between samples in any order", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(quantile([10, 20, 30], 0.25), 15);
  assert.ok(Number.isNaN(median([])));
});

Deno.test("tableOf() says which target was missed", () => {
  const target: Target = { of: "ratio", most: true, limit: 0.5, aim: 0.4 };
  const table = tableOf([row(10, target, 20), row(11, target, 20)]);
  assert.match(table, /10 ms +another +20 ms +0\.50 +≤ 0\.5 \(aim 0\.4\) +met\n/);
  assert.match(table, /11 ms +another +20 ms +0\.55 +≤ 0\.5 \(aim 0\.4\) +MISSED\n/);
});
