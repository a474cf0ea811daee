import assert from "node:assert/strict";
import { Pace } from "../../scripts/co-browse/browser/pace.ts";

Deno.test("Pace.enter() has all be done that waits behind four addresses", () => {
  const pace = new Pace();
  const all = [true, true, true, true, false].map((isNavigation) => pace.enter(1, isNavigation));
  assert.deepEqual(all.map((isDue) => isDue()), [true, true, true, true, true]);
  assert.ok(pace.enter(1, true)(), "none of them waits any more");
});

Deno.test("Pace.enter() has the last of five addresses be gone to, and nothing before it", () => {
  const pace = new Pace();
  const before = [true, false, true, true, true].map((isNavigation) => pace.enter(1, isNavigation));
  const elsewhere = pace.enter(2, false);
  const last = pace.enter(1, true);
  const there = pace.enter(1, false);
  assert.deepEqual(before.map((isDue) => isDue()), [false, false, false, false, false]);
  assert.deepEqual([elsewhere(), last(), there()], [true, true, true]);
});
