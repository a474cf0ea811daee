import assert from "node:assert/strict";
import type { CallContext } from "writ";
import { Waker } from "../../scripts/print/spool/waker.ts";
import { fakeContext } from "./fake_context.ts";

/** A context, and when runs were scheduled in it. */
function scheduling(): { ctx: CallContext; times: number[] } {
  const times: number[] = [];
  const schedule: CallContext["schedule"] = (at) => {
    times.push(Number(at));
    return Promise.resolve({ id: "1" });
  };
  return { ctx: { ...fakeContext([]).ctx, schedule }, times };
}

Deno.test("Waker.arm() schedules one run for a queue, and another when that one never came", async () => {
  const waker = new Waker(), { ctx, times } = scheduling(), now = Date.now();
  await waker.arm(ctx, "office", now);
  await waker.arm(ctx, "office", now);
  await waker.arm(ctx, "attic", now - 60_000);
  assert.deepEqual(times, [now, now - 60_000]);
  // Somebody cancelled it.
  await waker.arm(ctx, "attic", now);
  assert.deepEqual(times, [now, now - 60_000, now]);
});

Deno.test("Waker.arm() schedules nothing while a run of the queue is under way", async () => {
  const waker = new Waker(), { ctx, times } = scheduling(), now = Date.now();
  await waker.begin(ctx, "office", now + 2_000);
  await waker.arm(ctx, "office", now);
  assert.deepEqual(times, [now + 2_000]);
  waker.break("office");
  await waker.arm(ctx, "office", now);
  assert.deepEqual(times, [now + 2_000, now]);
});

Deno.test("Waker.arm() waits a minute at most for a printer, also when the clock was set back", async () => {
  const waker = new Waker(), { ctx, times } = scheduling(), now = Date.now();
  const real = Date.now;
  try {
    await waker.end(ctx, "office", () => now, now + 60_000);
    await waker.arm(ctx, "office", now);
    assert.deepEqual(times, [now + 60_000]);
    const yesterday = now - 86_400_000;
    Date.now = () => yesterday;
    await waker.arm(ctx, "office", yesterday);
    assert.deepEqual(times, [now + 60_000, yesterday + 60_000]);
  } finally {
    Date.now = real;
  }
});
