import assert from "node:assert/strict";
import { pause, wait, within } from "../../runtime/core/wait.ts";

const HOUR = 3_600_000;

Deno.test("wait() resolves after its time, and rejects with the reason of a signal", async () => {
  await wait(1, new AbortController().signal);
  const stop = new AbortController();
  const waiting = wait(HOUR, stop.signal);
  stop.abort(new RangeError("enough"));
  await assert.rejects(waiting, RangeError);
  await assert.rejects(wait(HOUR, stop.signal), RangeError);
});

Deno.test("pause() ends early without an error", async () => {
  const stop = new AbortController();
  const waiting = pause(HOUR, stop.signal);
  stop.abort();
  await waiting;
  await pause(HOUR, stop.signal);
});

Deno.test("within() passes on what comes in time, and throws what it is told when nothing does", async () => {
  assert.equal(await within(HOUR, Promise.resolve(7)), 7);
  await assert.rejects(within(HOUR, Promise.reject(new RangeError())), RangeError);
  await assert.rejects(within(1, new Promise(() => {}), () => new TypeError()), TypeError);
});
