import assert from "node:assert/strict";
import { Pace } from "../../../runtime/peer/swarm/pace.ts";

function after(...took: number[]): number {
  const pace = new Pace();
  for (const ms of took) pace.took(ms);
  return pace.lateMs;
}

Deno.test("Pace calls a chunk late after 1 s where chunks are quick, later where all are slow", () => {
  const fifty = (ms: number) => Array<number>(50).fill(ms);
  assert.equal(after(), 1_000);
  assert.equal(after(...fifty(20)), 1_000);
  assert.equal(after(...fifty(60_000)), 8_000);
  // Some are three times as slow as others.
  const mixed = after(...fifty(0).map((_, i) => 700 + 1_400 * (i % 2)));
  assert.ok(mixed > 2_500 && mixed < 5_000, `${mixed} ms`);
  // One that was slow says little of the next.
  assert.equal(after(...fifty(20), 700), 1_000);
});
