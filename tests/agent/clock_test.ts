import assert from "node:assert/strict";
import fc from "fast-check";
import { TrustedClock } from "../../runtime/agent/clock.ts";

Deno.test("TrustedClock stays at the highest verified time when the local clock is set back", () => {
  let local = 1_000;
  const clock = new TrustedClock(() => local);
  clock.learn(900);
  local = 100;
  assert.equal(clock.now(), 900);
  local = 2_000;
  assert.equal(clock.now(), 2_000);
});

Deno.test("TrustedClock keeps no mark of a local clock that ran ahead", () => {
  let local = 9_000;
  const clock = new TrustedClock(() => local);
  clock.learn(1_000);
  local = 1_001;
  assert.equal(clock.now(), 1_001);
});

Deno.test("TrustedClock is not walked forward by documents from the future", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 50 }), (leaps) => {
      const clock = new TrustedClock(() => 1_000_000);
      for (const leap of leaps) clock.learn(clock.now() + leap);
      assert.equal(clock.now(), 1_000_000);
    }),
  );
});

Deno.test("TrustedClock never goes back, whatever it learns", () => {
  const step = fc.record({ local: fc.nat(10_000), issued: fc.nat(10_000) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let local = 0;
      const clock = new TrustedClock(() => local, 50);
      for (const { local: next, issued } of steps) {
        const before = clock.floor;
        local = next;
        clock.learn(issued);
        assert.ok(clock.floor >= before && clock.now() >= clock.floor);
      }
    }),
  );
});
