import assert from "node:assert/strict";
import { LIVE_LIMITS, LiveCell, StartsLater } from "../../runtime/agent/cells/live_cell.ts";
import { WARM_LIMITS, WarmCells } from "../../runtime/agent/cells/warm_cells.ts";
import type { KeptCell } from "../../runtime/agent/cells/runner.ts";

/** A cell that does nothing but end. */
class FakeCell implements KeptCell {
  alive = true;
  grownBytes = 0;
  closed = false;
  readonly #end = Promise.withResolvers<void>();
  readonly ended = this.#end.promise;

  call = () => Promise.reject(new Error("not asked"));
  fetch = () => Promise.reject(new Error("not asked"));

  async break(): Promise<void> {
    this.alive = false;
    this.#end.resolve();
    await this.ended;
  }

  close(): void {
    this.closed = true;
    void this.break();
  }
}

const done = Promise.resolve();

Deno.test("LiveCell comes back later and later while it keeps breaking", async () => {
  let now = 0;
  const started: FakeCell[] = [];
  const live = new LiveCell(() => {
    started.push(new FakeCell());
    return Promise.resolve(started.at(-1)!);
  }, { now: () => now, random: () => 1 });
  const use = () => live.use((cell) => Promise.resolve({ result: cell, done }), 0);
  for (const wait of [100, 200, 400, 800]) {
    await (await use()).break();
    await assert.rejects(use(), StartsLater);
    now += wait - 1;
    await assert.rejects(use(), StartsLater, `not before ${wait} ms`);
    now += 1;
  }
  assert.equal(started.length, 4);
  const sound = await use();
  now += LIVE_LIMITS.SOUND_MS;
  await sound.break();
  now += LIVE_LIMITS.FIRST_BACK_OFF_MS;
  assert.notEqual(await use(), sound, "one that held begins anew");
  live.close();
});

Deno.test("LiveCell lets what is under way end before it goes", async () => {
  const cell = new FakeCell();
  const live = new LiveCell(() => Promise.resolve(cell));
  const work = Promise.withResolvers<void>();
  await live.use(() => Promise.resolve({ result: 1, done: work.promise }), 0);
  live.retire();
  assert.equal(cell.closed, false);
  work.resolve();
  await cell.ended;
  assert.equal(cell.closed, true);
});

Deno.test("WarmCells keep a cell until it is spent", async (t) => {
  const cells = () => {
    const started: FakeCell[] = [];
    const start = () => {
      started.push(new FakeCell());
      return Promise.resolve(started.at(-1)!);
    };
    return { started, warm: new WarmCells(start, { memoryBytes: 1_000, runs: 2 }) };
  };
  await t.step("by its uses", async () => {
    const { started, warm } = cells();
    for (let use = 0; use <= WARM_LIMITS.USES; use++) (await warm.take()).release();
    assert.deepEqual(started.map(({ closed }) => closed), [true, false]);
    warm.retire();
  });
  await t.step("by its growth", async () => {
    const { started, warm } = cells();
    const lease = await warm.take();
    lease.cell.grownBytes = 501;
    lease.release();
    assert.equal(started[0]!.closed, true);
  });
  await t.step("or another takes its place", async () => {
    const { started, warm } = cells();
    const [idle, busy] = [await warm.take(), await warm.take()];
    idle.release();
    warm.retire();
    assert.deepEqual(started.map(({ closed }) => closed), [true, false]);
    busy.release();
    assert.deepEqual(started.map(({ closed }) => closed), [true, true]);
  });
  await t.step("and no more of them than there may be runs", async () => {
    const { started, warm } = cells();
    const [first] = [await warm.take(), await warm.take()];
    const waiting = warm.take();
    first.release();
    assert.equal((await waiting).cell, started[0]);
    assert.equal(started.length, 2);
  });
});
