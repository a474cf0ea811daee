import assert from "node:assert/strict";
import { SeedTurns } from "../../../runtime/peer/swarm/seed_turns.ts";

/** Turns of a source that many ask. */
function busy(chunks: number, now = 0): SeedTurns {
  const turns = new SeedTurns(chunks + 1);
  for (let i = 0; i < 10; i++) turns.take(chunks, `asker-${i}`, now);
  return turns;
}

Deno.test("SeedTurns.take() gives a chunk to the first who asks, and to that one again", () => {
  const turns = busy(8);
  assert.equal(turns.take(0, "a", 0), true);
  assert.equal(turns.take(0, "b", 999), false);
  assert.equal(turns.take(0, "a", 999), true);
});

Deno.test("SeedTurns.take() gives an eighth of the blob out of turn, and one more every 4 s", () => {
  const turns = busy(63);
  for (let index = 0; index < 63; index++) turns.take(index, "a", 0);
  const given = (now: number) => {
    let count = 0;
    for (let index = 0; index < 63; index++) if (turns.take(index, `b-${now}`, now)) count++;
    return count;
  };
  assert.equal(given(999), 0);
  assert.equal(given(1_500), 8);
  assert.equal(given(5_499), 0);
  assert.equal(given(5_500), 1);
});

Deno.test("SeedTurns.take() refuses nobody for ever", () => {
  const turns = busy(8);
  turns.take(0, "a", 0);
  assert.equal(turns.take(0, "b", 30_000), true);
});

Deno.test("SeedTurns.take() keeps few from waiting for one that may be gone", () => {
  const turns = new SeedTurns(100);
  for (let index = 0; index < 100; index++) turns.take(index, "killed", 0);
  assert.equal(turns.take(0, "b", 999), false);
  for (let index = 0; index < 100; index++) assert.equal(turns.take(index, "b", 1_000), true);
});
