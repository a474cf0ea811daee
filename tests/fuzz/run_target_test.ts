import assert from "node:assert/strict";
import fc from "fast-check";
import { runTarget } from "./run_target.ts";
import { probe } from "./target.ts";

const FLAWED = {
  name: "flawed",
  what: "Refuses three digits.",
  open: () =>
    probe(fc.nat(100_000), (n) => {
      if (n > 999) throw new RangeError("more than three digits");
    }),
};

Deno.test("runTarget() finds an input that is handled wrongly, and finds it again by its path", async () => {
  const { failure } = await runTarget(FLAWED, { seconds: 5, seed: 1 });
  assert.equal(failure?.input, "1000");
  const again = await runTarget(FLAWED, { seconds: 5, seed: 1, path: failure.path });
  assert.equal(again.failure?.input, "1000");
});

Deno.test("runTarget() ends in time and closes what it opened when nothing is wrong", async () => {
  let closed = 0;
  const sound = {
    ...FLAWED,
    open: () => probe(fc.nat(), () => {}, () => void closed++),
  };
  const { failure, inputs } = await runTarget(sound, { seconds: 0.05, seed: 1 });
  assert.equal(failure, undefined);
  assert.ok(inputs > 0);
  assert.equal(closed, 1);
});
