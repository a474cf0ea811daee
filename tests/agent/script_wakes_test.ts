import assert from "node:assert/strict";
import { SCRIPT_ORDERER } from "../../runtime/core/verification/order.ts";
import { ScriptWakes } from "../../runtime/agent/runs/script_wakes.ts";
import { OrderTable } from "../../runtime/agent/store/orders.ts";
import { RunEventTable } from "../../runtime/agent/store/run_events.ts";
import { RunTable, type UnfinishedRun } from "../../runtime/agent/store/runs.ts";
import { SCHEDULE_LIMITS, scheduleCapability } from "../../runtime/capabilities/schedule.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { ask, refuses, TestDatabase } from "../capabilities/fixture.ts";

/** Schedules into a real database, with nothing that ever begins. */
class TestWakes implements Disposable {
  readonly #database = new TestDatabase();
  readonly waiting = new Map<number, UnfinishedRun>();
  readonly runs = new RunTable(this.#database.store);
  readonly #wakes = new ScriptWakes({
    agent: keyId(generateSigner().publicKey),
    store: this.#database.store,
    orders: new OrderTable(this.#database.store),
    runs: this.runs,
    events: new RunEventTable(this.#database.store),
    scheduler: {
      add: (run) => void this.waiting.set(run.id, run),
      withdraw: (id) => this.waiting.delete(id),
    },
    fleet: () => "office",
    now: () => 0,
  });

  of(script: `${string}/${string}`) {
    return scheduleCapability(this.#wakes, script, "1.0.0");
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }
}

Deno.test("ctx.schedule refuses one run more than a script may have, however they come", async () => {
  using test = new TestWakes();
  const schedule = test.of("acme/print");
  const set = (key?: string) => ask(schedule, "schedule.set", { at: 1, input: 0, key });
  const all = Array.from({ length: SCHEDULE_LIMITS.RUNS + 5 }, () => set().catch((e) => e.code));
  const refused = (await Promise.all(all)).filter((answer) => answer === "quota");
  assert.equal(refused.length, 5);
  assert.equal(test.waiting.size, SCHEDULE_LIMITS.RUNS);
  assert.ok([...test.waiting.values()].every(({ orderer }) => orderer === SCRIPT_ORDERER));
  assert.ok(test.runs.unfinished().every(({ orderer }) => orderer === SCRIPT_ORDERER));
  await refuses("quota", set("k"));
  await ask(test.of("acme/other"), "schedule.set", { at: 1, input: 0 });
});

Deno.test("ctx.schedule refuses what is more than the bytes of a script, and takes one in its place", async () => {
  using test = new TestWakes();
  const schedule = test.of("acme/print");
  const set = (length: number, key: string) =>
    ask(schedule, "schedule.set", { at: 1, input: "x".repeat(length), key });
  const whole = SCHEDULE_LIMITS.BYTES / 20;
  for (let i = 0; i < 19; i++) await set(whole, `k${i}`);
  await refuses("quota", set(whole, "more"));
  await set(whole, "k0");
  await set(1, "more");
  await refuses("quota", set(whole, "more"));
  assert.equal(test.waiting.size, 20);
});
