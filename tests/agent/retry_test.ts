import assert from "node:assert/strict";
import type { Outcome } from "../../runtime/core/outcome.ts";
import type { RunRecord } from "../../runtime/agent/store/runs.ts";
import { TestAgent } from "./agent_fixture.ts";
import { instant, NOON } from "./fixture.ts";

const BUSY: Outcome = {
  outcome: "script_error",
  detail: { name: "RetryableError", message: "the printer is busy" },
};
const RETRY = { attempts: 3, delayMs: 60_000 };

/** Answers each run by its input: a list of outcomes to give, one for each attempt. */
function answerInTurn(test: TestAgent): string[] {
  const seen: string[] = [];
  const left = new Map<string, Outcome[]>();
  test.runner.answer = ({ input }) => {
    const { name, outcomes } = input as { name: string; outcomes: Outcome[] };
    seen.push(name);
    const next = left.get(name) ?? [...outcomes];
    left.set(name, next);
    return next.shift() ?? { outcome: "ok", result: name };
  };
  return seen;
}

async function runsOf(test: TestAgent): Promise<RunRecord[]> {
  return (await (await test.ask("/v1/runs")).json()).runs;
}

/** Has the agent look at its clock again, as it does by itself within 30 seconds. */
async function later(test: TestAgent, ms: number): Promise<void> {
  await test.agent.stop();
  test.now += ms;
  await test.start();
}

Deno.test("a run that failed is tried again later, each attempt a run of its own", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0", { retry: RETRY });
  const seen = answerInTurn(test);
  const { run } = await test.order({ input: { name: "a", outcomes: [BUSY, BUSY] } });
  assert.equal((await test.ended(run)).outcome?.outcome, "script_error");
  assert.deepEqual(seen, ["a"], "not at once");
  await later(test, 60_000);
  assert.equal((await test.ended(2)).outcome?.outcome, "script_error");
  await later(test, 120_000);
  assert.equal((await test.ended(3)).outcome?.outcome, "ok");
  assert.deepEqual(
    (await runsOf(test)).map(({ id, attempt, retryOf }) => [id, attempt, retryOf]),
    [[3, 3, 2], [2, 2, 1], [1, 1, null]],
  );
});

Deno.test("a run that failed keeps its place in its queue over a restart", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0", { retry: RETRY });
  const seen = answerInTurn(test);
  const queueKey = "printer";
  const first = await test.order({ queueKey, input: { name: "first", outcomes: [BUSY] } });
  const second = await test.order({ queueKey, input: { name: "second", outcomes: [] } });
  const other = await test.order({ input: { name: "other", outcomes: [] } });
  await test.ended(first.run);
  await test.ended(other.run);
  await later(test, 1_000);
  const another = await test.order({ input: { name: "another", outcomes: [] } });
  await test.ended(another.run);
  assert.equal((await test.run(second.run)).state, "accepted");
  await later(test, 60_000);
  await test.ended(second.run);
  assert.deepEqual(seen, ["first", "other", "another", "first", "second"]);
});

Deno.test("a run that is cancelled while its next attempt waits has none", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0", { retry: RETRY });
  const seen = answerInTurn(test);
  const queueKey = "printer";
  const { run } = await test.order({ queueKey, input: { name: "a", outcomes: [BUSY, BUSY] } });
  await test.ended(run);
  const cancel = async () =>
    (await (await test.ask(`/v1/runs/${run}/cancel`, { method: "POST" })).json()).cancelled;
  assert.equal(await cancel(), true);
  assert.equal((await test.ended(2)).outcome?.outcome, "cancelled");
  assert.equal(await cancel(), false);
  const next = await test.order({ queueKey, input: { name: "b", outcomes: [] } });
  await test.ended(next.run);
  assert.deepEqual(seen, ["a", "b"], "and its queue goes on");
});

Deno.test("a run that is cancelled while it runs is not tried again, whatever it answers", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0", { retry: { attempts: 3, delayMs: 0 }, idempotent: true });
  const begun = Promise.withResolvers<void>();
  test.runner.answer = ({ signal }) => {
    begun.resolve();
    return new Promise((resolve) => signal!.addEventListener("abort", () => resolve(BUSY)));
  };
  const { run } = await test.order();
  await begun.promise;
  await (await test.ask(`/v1/runs/${run}/cancel`, { method: "POST" })).body?.cancel();
  await test.ended(run);
  assert.equal((await runsOf(test)).length, 1);
});

Deno.test("a run is not tried again after its order expires", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0", { retry: RETRY });
  answerInTurn(test);
  const input = { name: "a", outcomes: [BUSY] };
  const { run } = await test.order({ input, expires: instant(NOON + 30_000) });
  await test.ended(run);
  assert.equal((await runsOf(test)).length, 1);
});

Deno.test("an order with the idempotency key of another request is refused", async (t) => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const idempotencyKey = "invoice-7";
  const { run } = await test.order({ idempotencyKey, input: { copies: 1 } });
  await t.step("the same request is answered with the run", async () => {
    assert.equal((await test.order({ idempotencyKey, input: { copies: 1 } })).run, run);
  });
  for (const change of [{ input: { copies: 2 } }, { queueKey: "printer" }]) {
    await t.step(JSON.stringify(change), async () => {
      const order = { idempotencyKey, input: { copies: 1 }, ...change };
      const response = await test.send(test.fleet.order(test.agent.id, order).envelope);
      assert.equal(response.status, 409);
      assert.equal((await response.json()).error.code, "idempotency_conflict");
    });
  }
  assert.equal((await runsOf(test)).length, 1);
});
