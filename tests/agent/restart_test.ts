import assert from "node:assert/strict";
import { AuditReader } from "../../runtime/agent/audit/audit_reader.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { RunTable } from "../../runtime/agent/store/runs.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import { TestAgent } from "./agent_fixture.ts";
import { instant, NOON, TestFleet } from "./fixture.ts";

/** Lets runs hang, and resolves when the next one has begun. */
function hangAndAwaitStart({ runner }: TestAgent): Promise<void> {
  runner.hang();
  const { answer } = runner;
  return new Promise((resolve) => {
    runner.answer = (request) => {
      resolve();
      return answer(request);
    };
  });
}

async function runsOf(test: TestAgent): Promise<Record<string, unknown>[]> {
  const { runs } = await (await test.ask("/v1/runs")).json();
  return runs;
}

Deno.test("what waits when the agent stops runs when it starts again", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const { run } = await test.order({ schedule: { at: instant(NOON + 60_000) } });
  await test.agent.stop();
  await test.start();
  await test.agent.stop();
  assert.equal(test.runner.started.length, 0, "not before its time");
  test.now += 60_000;
  await test.start();
  assert.equal((await test.ended(run)).outcome?.outcome, "ok");
  assert.equal(test.runner.started.length, 1);
});

Deno.test("what runs when the agent stops is interrupted, and not begun again", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const begun = hangAndAwaitStart(test);
  const { run } = await test.order();
  await begun;
  await test.agent.stop();
  await test.start();
  assert.equal((await test.run(run)).outcome?.outcome, "interrupted");
  assert.equal((await runsOf(test)).length, 1);
  assert.equal(test.runner.started.length, 1);
});

Deno.test("what is declared idempotent is begun again three times in all", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0", { idempotent: true });
  let begun = hangAndAwaitStart(test);
  await test.order();
  for (let attempt = 1; attempt < 3; attempt++) {
    await begun;
    await test.agent.stop();
    begun = hangAndAwaitStart(test);
    await test.start();
  }
  await begun;
  await test.agent.stop();
  await test.start();
  assert.deepEqual(
    (await runsOf(test)).map(({ id, state, attempt, retryOf }) => [id, state, attempt, retryOf]),
    [[3, "ended", 3, 2], [2, "ended", 2, 1], [1, "ended", 1, null]],
  );
});

Deno.test("an order is refused as replayed by the agent that starts next", async () => {
  await using test = await TestAgent.start();
  const { envelope } = test.fleet.order(test.agent.id);
  assert.equal((await test.send(envelope)).status, 202);
  await test.agent.stop();
  await test.start();
  assert.equal((await test.send(envelope)).status, 409);
});

Deno.test("an order that expired stays expired when the clock is set back", async () => {
  await using test = await TestAgent.start();
  const early = test.fleet.order(test.agent.id, { expires: instant(NOON + 60_000) });
  test.now = NOON + 120_000;
  await test.order({ issued: instant(NOON + 120_000) });
  await test.agent.stop();
  test.now = NOON;
  await test.start();
  const response = await test.send(early.envelope);
  assert.equal((await response.json()).error.code, "expired");
});

Deno.test("an agent killed at any moment loses no acknowledged order and doubles none", async () => {
  await using test = await TestAgent.start();
  await test.agent.stop();
  const acknowledged = new Map<string, number>();
  for (let round = 0; round < 3; round++) {
    const agent = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "-A",
        new URL("killed_agent.ts", import.meta.url).pathname,
        test.stateDir,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const lines = agent.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { url, id, operator } = JSON.parse((await lines.read()).value!);
    const fleet = new TestFleet(operator);
    // Answers count while it lives; it is killed with many orders on their way.
    const sender = async () => {
      while (true) {
        const { envelope, order } = fleet.order(id);
        try {
          const response = await fetch(`${url}/v1/orders`, {
            method: "POST",
            headers: { "content-type": "application/vnd.writ.order.v1+json" },
            body: new Uint8Array(envelope),
          });
          const { run } = await response.json();
          assert.equal(response.status, 202);
          assert.ok(![...acknowledged.values()].includes(run), `run ${run} was given twice`);
          acknowledged.set(order.id, run);
          if (acknowledged.size >= (round + 1) * 100) agent.kill("SIGKILL");
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          return;
        }
      }
    };
    await Promise.all(Array.from({ length: 16 }, sender));
    await agent.stdin.close();
    await lines.cancel();
    await agent.status;
  }
  using store = Store.open(statePaths(test.stateDir).database);
  const runs = new RunTable(store).list(100_000);
  for (const [order, run] of acknowledged) {
    assert.deepEqual(runs.filter((record) => record.order === order).map(({ id }) => id), [run]);
  }
  assert.equal(new Set(runs.map(({ order }) => order)).size, runs.length);
  using audit = AuditReader.open(test.stateDir);
  assert.equal(audit.verify().ok, true, JSON.stringify(audit.verify()));
});

Deno.test("what ran when the agent was killed is interrupted and does not run again", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const begun = hangAndAwaitStart(test);
  const { run } = await test.order();
  await begun;
  // A killed agent leaves its database as it is at this moment.
  const folder = `${test.stateDir}-killed`;
  Deno.mkdirSync(folder, { mode: 0o700 });
  for (const { name } of Deno.readDirSync(test.stateDir)) {
    if (/^(agent\.(db|key)|operator\.token|audit\.head)/.test(name)) {
      Deno.copyFileSync(`${test.stateDir}/${name}`, `${folder}/${name}`);
    }
  }
  await test.agent.stop();
  Deno.removeSync(test.stateDir, { recursive: true });
  Deno.renameSync(folder, test.stateDir);
  await test.start();
  assert.deepEqual((await test.run(run)).outcome, {
    outcome: "interrupted",
    detail: { reason: "the agent ended while it ran" },
  });
  assert.equal(test.runner.started.length, 1);
});
