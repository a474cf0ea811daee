import assert from "node:assert/strict";
import { Rounds } from "../../scripts/virus-sigs/rounds.ts";

const HOUR_MS = 3_600_000;

/** A cell that is started at a time, and what it has scheduled since. */
function cell() {
  const waits: number[] = [];
  const rounds = new Rounds();
  const by = (orderer: string) => ({
    run: { id: 1, orderer, attempt: 1 },
    schedule(at: Date | number) {
      waits.push(Number(at) - Date.now());
      return Promise.resolve({ id: "" });
    },
  });
  const begin = (orderer: string) => rounds.begin(by(orderer), HOUR_MS);
  return { begin, rounds, by, waits };
}

Deno.test("Rounds.begin() asks peers at once in a new cell, and then as often as is said", async () => {
  const { begin, waits } = cell();
  assert.equal(await begin("script"), true);
  for (let look = 0; look < 3; look++) assert.equal(await begin("script"), false);
  assert.equal(waits.length, 4);
  assert.ok(waits.every((wait) => wait > 0 && wait <= 300_000), `${waits}`);
  assert.equal(await cell().begin("script"), true);
});

Deno.test("Rounds.begin() asks peers whenever somebody orders it, or tells news", async () => {
  const { begin, rounds, by } = cell();
  assert.equal(await begin("operator"), true);
  assert.equal(await begin("operator"), true);
  assert.equal(await begin("script"), false);
  await rounds.call(by("script"), Date.now());
  assert.equal(await begin("script"), true);
});

Deno.test("Rounds.begin() asks peers when its time has come by either clock", async (t) => {
  const clocks = [Date, performance] as const;
  for (const [i, name] of ["the wall's", "the steady one"].entries()) {
    await t.step(name, async () => {
      const { begin } = cell();
      assert.equal(await begin("script"), true);
      const clock = clocks[i]!, { now } = clock;
      clock.now = () => now.call(clock) + 1.25 * HOUR_MS;
      try {
        assert.equal(await begin("script"), true);
      } finally {
        clock.now = now;
      }
    });
  }
});
