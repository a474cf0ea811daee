import assert from "node:assert/strict";
import { mock } from "node:test";
import { Attendance } from "../../../runtime/capabilities/browser/attendance.ts";

const MINUTE_MS = 60_000;

/** What happens to something that two runs use, with a clock that is set by hand. */
function attended() {
  mock.timers.enable({ apis: ["setTimeout"] });
  const stage = { closed: 0, runs: [new AbortController(), new AbortController()] as const };
  const attendance = new Attendance(() => stage.closed++);
  for (const { signal } of stage.runs) attendance.add(signal);
  return {
    ...stage,
    attendance,
    get closed() {
      return stage.closed;
    },
    [Symbol.dispose]: () => mock.timers.reset(),
  };
}

Deno.test("Attendance closes a minute after the last run or request that used it, and no sooner", () => {
  using stage = attended();
  const [one, other] = stage.runs;
  one.abort();
  mock.timers.tick(2 * MINUTE_MS);
  assert.equal(stage.closed, 0, "one still uses it");
  other.abort();
  mock.timers.tick(MINUTE_MS - 1);
  assert.equal(stage.closed, 0);
  mock.timers.tick(1);
  assert.equal(stage.closed, 1);
});

Deno.test("Attendance closes what nobody has come to use, or whose user was gone before", () => {
  for (const users of [[], [AbortSignal.abort()]]) {
    mock.timers.enable({ apis: ["setTimeout"] });
    let closed = 0;
    const attendance = new Attendance(() => closed++);
    for (const signal of users) attendance.add(signal);
    mock.timers.tick(MINUTE_MS - 1);
    assert.equal(closed, 0);
    mock.timers.tick(1);
    assert.equal(closed, 1);
    mock.timers.reset();
  }
});

Deno.test("Attendance closes nothing that is taken up again in time, or was closed", () => {
  using stage = attended();
  for (const run of stage.runs) run.abort();
  mock.timers.tick(MINUTE_MS - 1);
  const again = new AbortController();
  stage.attendance.add(again.signal);
  mock.timers.tick(MINUTE_MS);
  assert.equal(stage.closed, 0);
  stage.attendance.end();
  again.abort();
  mock.timers.tick(MINUTE_MS);
  assert.equal(stage.closed, 0);
});
