import assert from "node:assert/strict";
import { raceInTurns } from "../../runtime/peer/race_in_turns.ts";

const PATIENT = { atOnce: 2, patienceMs: 60_000 };
const never = () => new Promise<never>(() => {});

Deno.test("raceInTurns() asks the next when one says no, and no more once one gave", async () => {
  const asked: string[] = [];
  const ask = (item: string) => {
    asked.push(item);
    return item === "c" ? Promise.resolve(item) : Promise.reject(new Error(item));
  };
  assert.equal(await raceInTurns(["a", "b", "c", "d", "e"], ask, PATIENT), "c");
  assert.deepEqual(asked, ["a", "b", "c", "d"]);
});

Deno.test("raceInTurns() waits for nobody longer than its patience, and takes who is slow", async (t) => {
  const hasty = { atOnce: 1, patienceMs: 1 };
  await t.step("the next one gives", async () => {
    const ask = (item: string) => item === "b" ? Promise.resolve(item) : never();
    assert.equal(await raceInTurns(["a", "b"], ask, hasty), "b");
  });
  await t.step("the slow one gives after all", async () => {
    const slow = Promise.withResolvers<string>();
    const ask = (item: string) => {
      if (item === "a") return slow.promise;
      slow.resolve("a");
      return never();
    };
    assert.equal(await raceInTurns(["a", "b"], ask, hasty), "a");
  });
});

Deno.test("raceInTurns() rejects when all have said no, and when there is nobody", async (t) => {
  for (const items of [[], ["a"], ["a", "b", "c"]]) {
    await t.step(`${items.length}`, async () => {
      const ask = (item: string) => Promise.reject(new Error(item));
      await assert.rejects(raceInTurns(items, ask, PATIENT), (error) => {
        assert.ok(error instanceof AggregateError);
        assert.deepEqual(error.errors.map(({ message }) => message), items);
        return true;
      });
    });
  }
});
