import assert from "node:assert/strict";
import { SCRIPT_ORDERER } from "../../runtime/core/verification/order.ts";
import { AGENT_LIMITS } from "../../runtime/agent/limits.ts";
import { Scheduler, type SchedulerOptions } from "../../runtime/agent/runs/scheduler.ts";
import type { UnfinishedRun } from "../../runtime/agent/store/runs.ts";

/** A scheduler whose runs end when the test says so. */
class Bench implements AsyncDisposable {
  readonly begun: number[] = [];
  readonly dropped: [number, string][] = [];
  readonly signals = new Map<number, AbortSignal>();
  readonly scheduler: Scheduler;
  now = 0;
  readonly #ends = new Map<number, () => void>();

  constructor(options: Partial<SchedulerOptions> = {}) {
    this.scheduler = new Scheduler({
      nodeRuns: 10,
      scriptRuns: () => 10,
      now: () => this.now,
      execute: ({ id }, signal) => {
        this.begun.push(id);
        this.signals.set(id, signal);
        const { promise, resolve } = Promise.withResolvers<void>();
        signal.addEventListener("abort", () => resolve());
        this.#ends.set(id, resolve);
        return promise;
      },
      drop: ({ id }, why) => {
        this.dropped.push([id, why]);
        return Promise.resolve();
      },
      ...options,
    });
  }

  add(id: number, change: Partial<UnfinishedRun> = {}): void {
    this.scheduler.add({
      id,
      order: `order-${id}`,
      script: "acme/echo",
      state: "accepted",
      attempt: 1,
      first: id,
      idempotent: false,
      retry: null,
      repeat: null,
      startAt: null,
      expires: 1_000_000,
      queueKey: null,
      bytes: 100,
      orderer: "operator",
      ...change,
    });
  }

  async end(id: number): Promise<void> {
    this.#ends.get(id)!();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scheduler.stop();
  }
}

Deno.test("Scheduler begins no more runs of a script than its grant allows", async () => {
  await using bench = new Bench({ scriptRuns: () => 2 });
  for (const id of [1, 2, 3, 4]) bench.add(id);
  bench.add(5, { script: "acme/other" });
  bench.scheduler.tick();
  assert.deepEqual(bench.begun.toSorted(), [1, 2, 5]);
  await bench.end(2);
  assert.deepEqual(bench.begun.at(-1), 3);
  assert.equal(bench.scheduler.waiting, 1);
});

Deno.test("Scheduler begins no more runs than the node allows, scripts taking turns", async () => {
  await using bench = new Bench({ nodeRuns: 3 });
  for (const id of [1, 2, 3, 4]) bench.add(id);
  bench.add(5, { script: "acme/other" });
  bench.scheduler.tick();
  assert.deepEqual(bench.begun, [1, 5, 2]);
  assert.equal(bench.scheduler.running, 3);
});

Deno.test("Scheduler begins runs with one queue key one after another", async () => {
  await using bench = new Bench();
  bench.add(1, { queueKey: "printer" });
  bench.add(2, { queueKey: "printer" });
  bench.add(3, { queueKey: "other" });
  bench.add(4);
  bench.add(5, { queueKey: "printer", script: "acme/other" });
  bench.scheduler.tick();
  assert.deepEqual(bench.begun.toSorted(), [1, 3, 4, 5], "keys belong to their script");
  await bench.end(1);
  assert.deepEqual(bench.begun.at(-1), 2);
});

Deno.test("Scheduler lets nobody of its queue past a retry that waits for its time", async () => {
  await using bench = new Bench();
  bench.add(2, { queueKey: "printer" });
  bench.add(4, { queueKey: "printer", attempt: 2, first: 1, startAt: 5_000 });
  bench.add(5, { queueKey: "other" });
  bench.scheduler.tick();
  assert.deepEqual(bench.begun, [5]);
  bench.now = 5_000;
  bench.scheduler.tick();
  assert.deepEqual(bench.begun, [5, 4]);
  await bench.end(4);
  assert.deepEqual(bench.begun, [5, 4, 2]);
});

Deno.test("Scheduler lets a queue go on when the retry it waits for is cancelled", async () => {
  await using bench = new Bench();
  bench.add(2, { queueKey: "printer" });
  bench.add(4, { queueKey: "printer", attempt: 2, first: 1, startAt: 5_000 });
  bench.scheduler.tick();
  assert.deepEqual(bench.begun, []);
  assert.ok(await bench.scheduler.cancel(4));
  bench.scheduler.tick();
  assert.deepEqual(bench.begun, [2]);
});

Deno.test("Scheduler lets an order for later stand in nobody's way", async () => {
  await using bench = new Bench();
  bench.add(1, { queueKey: "printer", startAt: 5_000 });
  bench.add(2, { queueKey: "printer" });
  bench.scheduler.tick();
  assert.deepEqual(bench.begun, [2]);
});

Deno.test("Scheduler has the queues of a script take turns", async () => {
  await using bench = new Bench({ scriptRuns: () => 1 });
  for (const id of [1, 2, 3]) bench.add(id, { queueKey: "a" });
  bench.add(4, { queueKey: "b" });
  bench.scheduler.tick();
  for (const id of [1, 4, 2, 3]) await bench.end(id);
  assert.deepEqual(bench.begun, [1, 4, 2, 3]);
});

Deno.test("Scheduler begins a run at its time and not before", async () => {
  await using bench = new Bench();
  bench.add(1, { startAt: 5_000 });
  bench.now = 4_999;
  bench.scheduler.tick();
  assert.deepEqual(bench.begun, []);
  bench.now = 5_000;
  bench.scheduler.tick();
  assert.deepEqual(bench.begun, [1]);
});

Deno.test("Scheduler begins a retry after its delay, though the clock was set back", async () => {
  let passed = 100;
  await using bench = new Bench({ monotonic: () => passed });
  bench.now = 50_000;
  bench.add(2, { attempt: 2, first: 1, startAt: 51_000 });
  bench.add(3, { startAt: 51_000 });
  bench.now = 10_000;
  passed += 999;
  bench.scheduler.tick();
  assert.deepEqual(bench.begun, []);
  passed += 1;
  bench.scheduler.tick();
  assert.deepEqual(bench.begun, [2], "what was ordered for a time waits for that time");
});

Deno.test("Scheduler wakes by itself for a run whose time comes", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const start = performance.now();
  await using bench = new Bench({
    now: () => performance.now() - start,
    execute: () => Promise.resolve(resolve()),
  });
  bench.add(1, { startAt: 20 });
  await promise;
  assert.ok(performance.now() - start >= 20);
});

Deno.test("Scheduler drops a run whose order expired while it waited", async () => {
  await using bench = new Bench({ scriptRuns: () => 1 });
  bench.add(1);
  bench.add(2, { expires: 1_000 });
  bench.scheduler.tick();
  bench.now = 999;
  bench.scheduler.tick();
  assert.deepEqual(bench.dropped, []);
  bench.now = 1_000;
  bench.scheduler.tick();
  assert.deepEqual(bench.dropped, [[2, "expired"]]);
  assert.equal(bench.scheduler.waiting, 0);
});

Deno.test("Scheduler.cancel() ends what waits and aborts what runs", async () => {
  await using bench = new Bench({ scriptRuns: () => 1 });
  bench.add(1);
  bench.add(2);
  bench.add(3, { startAt: 9_000 });
  bench.scheduler.tick();
  assert.ok(await bench.scheduler.cancel(2));
  assert.ok(await bench.scheduler.cancel(3));
  assert.deepEqual(bench.dropped, [[2, "cancelled"], [3, "cancelled"]]);
  assert.ok(await bench.scheduler.cancel(1));
  assert.ok(bench.signals.get(1)!.aborted);
  assert.ok(!await bench.scheduler.cancel(4));
});

Deno.test("Scheduler.stop() aborts what runs and begins nothing more", async () => {
  const bench = new Bench({ scriptRuns: () => 1 });
  bench.add(1);
  bench.add(2);
  bench.scheduler.tick();
  await bench.scheduler.stop();
  assert.deepEqual(bench.begun, [1]);
  assert.deepEqual(bench.dropped, []);
  assert.equal(bench.scheduler.waiting, 1);
});

Deno.test("Scheduler.hasRoomFor() counts what waits, in orders and in bytes", async (t) => {
  const { WAITING_BYTES, WAITING_BYTES_OF_ONE } = AGENT_LIMITS;
  await t.step("of one orderer", async () => {
    await using bench = new Bench({ scriptRuns: () => 0 });
    assert.ok(bench.scheduler.hasRoomFor("operator", WAITING_BYTES_OF_ONE));
    bench.add(1);
    assert.ok(!bench.scheduler.hasRoomFor("operator", WAITING_BYTES_OF_ONE));
    assert.ok(bench.scheduler.hasRoomFor("operator", WAITING_BYTES_OF_ONE - 100));
    assert.ok(bench.scheduler.hasRoomFor("hub", WAITING_BYTES_OF_ONE));
  });
  await t.step("of all", async () => {
    await using bench = new Bench({ scriptRuns: () => 0 });
    const each = WAITING_BYTES_OF_ONE - 100;
    ["a", "b"].forEach((orderer, id) => bench.add(id, { orderer, bytes: each }));
    const left = WAITING_BYTES - 2 * each;
    assert.ok(bench.scheduler.hasRoomFor("c", left));
    assert.ok(!bench.scheduler.hasRoomFor("c", left + 1));
  });
});

Deno.test("Scheduler.hasRoomFor() takes no more runs of one orderer than its share", async () => {
  await using bench = new Bench({ scriptRuns: () => 0 });
  const share = AGENT_LIMITS.WAITING_RUNS_OF_ONE;
  for (let id = 1; id < share; id++) bench.add(id, { bytes: 1 });
  assert.ok(bench.scheduler.hasRoomFor("operator", 1));
  bench.add(share, { bytes: 1 });
  assert.ok(!bench.scheduler.hasRoomFor("operator", 1));
  assert.ok(bench.scheduler.hasRoomFor("hub", 1));
});

Deno.test("Scheduler.hasRoomFor() keeps its room for orders, whatever scripts schedule", async () => {
  await using bench = new Bench();
  const bytes = AGENT_LIMITS.WAITING_BYTES_OF_ONE;
  bench.add(1, { startAt: 1_000, bytes, orderer: SCRIPT_ORDERER });
  assert.equal(bench.scheduler.waiting, 1);
  assert.ok(bench.scheduler.hasRoomFor("operator", bytes));
  bench.add(2, { startAt: 1_000, bytes });
  assert.ok(!bench.scheduler.hasRoomFor("operator", 1));
  assert.ok(bench.scheduler.withdraw(1));
  assert.ok(!bench.scheduler.hasRoomFor("operator", 1));
  assert.ok(bench.scheduler.withdraw(2));
  assert.ok(bench.scheduler.hasRoomFor("operator", bytes));
});
