import assert from "node:assert/strict";
import { nextOccurrence } from "../../runtime/agent/runs/next_occurrence.ts";
import { afterRun } from "../../runtime/agent/runs/after_run.ts";
import type { RunRecord, UnfinishedRun } from "../../runtime/agent/store/runs.ts";
import type { Repeat } from "../../runtime/core/documents/order.ts";
import { TestAgent } from "./agent_fixture.ts";
import { instant, NOON } from "./fixture.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const at = (text: string) => Date.parse(text);

/** An order that is due at noon and then by `repeat`. */
const repeating = (repeat: Repeat) => ({
  schedule: { at: instant(NOON), repeat },
  expires: instant(NOON + 30 * DAY),
});

/** A run that is under way. */
const unfinished: UnfinishedRun = {
  ...{ id: 2, order: crypto.randomUUID(), script: "acme/echo", state: "running", attempt: 1 },
  ...{ first: 2, idempotent: false, retry: null, repeat: null, startAt: null },
  ...{ expires: NOON + 30 * DAY, queueKey: null, bytes: 1, orderer: "operator" },
};

async function runsOf(test: TestAgent): Promise<RunRecord[]> {
  const { runs } = await (await test.ask("/v1/runs")).json();
  return runs.reverse();
}

async function restartAt(test: TestAgent, now: number): Promise<void> {
  await test.agent.stop();
  test.now = now;
  await test.start();
}

Deno.test("nextOccurrence() gives the first moment after now", async (t) => {
  const every = { everyMs: 10 * MINUTE, from: NOON };
  const weekdays = { cron: "0 9 * * 1-5", timezone: "Europe/Berlin", from: NOON };
  const cases: [string, Parameters<typeof nextOccurrence>, number | undefined][] = [
    ["at the last", [every, NOON], NOON + 10 * MINUTE],
    ["just before the next", [every, NOON + 10 * MINUTE - 1], NOON + 10 * MINUTE],
    ["after many were missed", [every, NOON + 35 * MINUTE], NOON + 40 * MINUTE],
    ["with a clock that was set back", [every, NOON - DAY], NOON + 10 * MINUTE],
    ["on Friday", [weekdays, at("2026-03-27T08:00:00Z")], at("2026-03-30T07:00:00Z")],
    ["in winter", [weekdays, at("2026-03-26T09:00:00Z")], at("2026-03-27T08:00:00Z")],
    ["never", [{ ...weekdays, cron: "0 0 31 2 *" }, NOON], undefined],
  ];
  for (const [name, args, expected] of cases) {
    await t.step(name, async () => assert.equal(await nextOccurrence(...args), expected));
  }
});

Deno.test("an order that repeats runs again, and once for all that was missed", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const { run } = await test.order(repeating({ everyMs: 10 * MINUTE }));
  await test.ended(run);
  assert.deepEqual((await runsOf(test)).map(({ state }) => state), ["ended", "accepted"]);
  await restartAt(test, NOON + 35 * MINUTE);
  await test.ended(2);
  await restartAt(test, NOON + 39 * MINUTE);
  assert.equal((await test.run(3)).state, "accepted", "not before its time");
  await restartAt(test, NOON + 40 * MINUTE);
  await test.ended(3);
  const runs = await runsOf(test);
  assert.deepEqual(
    runs.map(({ attempt, retryOf }) => [attempt, retryOf]),
    Array(4).fill([1, null]),
  );
  assert.equal(test.runner.started.length, 3);
});

Deno.test("afterRun() gives no time again, though the clock was set back in its run", async (t) => {
  const repeats: [string, Repeat][] = [
    ["a pattern", { cron: "0 * * * *", timezone: "UTC" }],
    ["a span", { everyMs: 60 * MINUTE }],
  ];
  for (const [name, repeat] of repeats) {
    await t.step(name, async () => {
      const startAt = NOON + 60 * MINUTE;
      const run = { ...unfinished, startAt, repeat: { ...repeat, from: NOON } };
      const outcome = { outcome: "ok", result: null } as const;
      for (const now of [startAt + MINUTE, startAt - MINUTE]) {
        assert.deepEqual(await afterRun(run, outcome, now), { nextAt: NOON + 120 * MINUTE });
      }
    });
  }
});

Deno.test("an order that repeats goes on after a run that failed or was interrupted", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const begun = Promise.withResolvers<void>();
  test.runner.hang();
  const { answer } = test.runner;
  test.runner.answer = (request) => {
    begun.resolve();
    return answer(request);
  };
  const { run } = await test.order(repeating({ cron: "0 * * * *", timezone: "UTC" }));
  await begun.promise;
  await test.agent.stop();
  test.runner.answer = () => {
    throw new Error("on purpose");
  };
  await test.start();
  assert.equal((await test.run(run)).outcome?.outcome, "interrupted");
  await restartAt(test, NOON + 60 * MINUTE);
  assert.equal((await test.ended(2)).outcome?.outcome, "interrupted");
  assert.equal((await test.run(3)).state, "accepted");
});

Deno.test("an order that repeats ends when it is cancelled or expires", async (t) => {
  await t.step("cancelled by its first run", async () => {
    await using test = await TestAgent.start();
    test.fleet.publish("1.0.0");
    const { run } = await test.order(repeating({ everyMs: MINUTE }));
    await test.ended(run);
    const answer = await test.ask(`/v1/runs/${run}/cancel`, { method: "POST" });
    assert.equal((await answer.json()).cancelled, true);
    assert.equal((await test.ended(2)).outcome?.outcome, "cancelled");
    assert.equal((await runsOf(test)).length, 2);
  });
  await t.step("expired", async () => {
    await using test = await TestAgent.start();
    test.fleet.publish("1.0.0");
    const expires = instant(NOON + 2 * MINUTE);
    const { run } = await test.order({ ...repeating({ everyMs: MINUTE }), expires });
    await test.ended(run);
    await restartAt(test, NOON + MINUTE);
    await test.ended(2);
    assert.equal((await runsOf(test)).length, 2);
  });
});

Deno.test("an order that cannot repeat as it says is refused", async (t) => {
  const cases: Record<string, Repeat> = {
    "a pattern that is none": { cron: "every day", timezone: "UTC" },
    "a pattern of seconds": { cron: "* * * * * *", timezone: "UTC" },
    "a zone that is none": { cron: "0 9 * * *", timezone: "Nowhere/Here" },
    "a day that never comes": { cron: "0 0 31 2 *", timezone: "UTC" },
    "a second time after it expires": { everyMs: 31 * DAY },
  };
  await using test = await TestAgent.start();
  for (const [name, repeat] of Object.entries(cases)) {
    await t.step(name, async () => {
      const { envelope } = test.fleet.order(test.agent.id, repeating(repeat));
      const response = await test.send(envelope);
      assert.equal((await response.json()).error.code, "bad_schema");
    });
  }
  await t.step("more often than once a minute", async () => {
    const { envelope } = test.fleet.order(test.agent.id, repeating({ everyMs: MINUTE - 1 }));
    assert.equal((await test.send(envelope)).status, 400);
  });
  assert.deepEqual(await runsOf(test), []);
});
