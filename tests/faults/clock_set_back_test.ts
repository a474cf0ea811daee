/** The local clock jumps back: by a dead battery, or by somebody who wants an old order to run. */
import assert from "node:assert/strict";
import { AuditReader, rulesFromFolder, startAgent } from "../../runtime/agent/mod.ts";
import { TestAgent } from "../agent/agent_fixture.ts";
import { FakeRunner, instant, NOON } from "../agent/fixture.ts";
import { FleetFolder } from "../cli/fleet_folder.ts";
import { assertClearError } from "./clear_error.ts";
import { runAgent } from "./run_agent.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What an order is answered with: its status, and the code of a refusal. */
async function answerTo(test: TestAgent, envelope: Uint8Array): Promise<[number, string?]> {
  const response = await test.send(envelope);
  const { error } = await response.json();
  return error ? [response.status, error.code] : [response.status];
}

Deno.test("an agent revives no order by a clock set back, and goes on with new ones", async (t) => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const order = (issued: number) =>
    test.fleet.order(test.agent.id, { issued: instant(issued), expires: instant(issued + HOUR) })
      .envelope;
  const old = order(NOON);
  test.now = NOON + 2 * HOUR;
  const seen = order(test.now);
  assert.deepEqual(await answerTo(test, seen), [202]);
  assert.deepEqual(await answerTo(test, old), [403, "expired"]);

  const steps: [string, number, boolean][] = [
    ["under a running agent", NOON, false],
    ["before a restart", NOON, true],
    ["to the beginning of time", 0, true],
  ];
  for (const [name, now, restart] of steps) {
    await t.step(name, async () => {
      if (restart) await test.agent.stop();
      test.now = now;
      if (restart) await test.start();
      assert.deepEqual(await answerTo(test, old), [403, "expired"]);
      assert.deepEqual(await answerTo(test, seen), [409, "replayed"]);
      assert.deepEqual(await answerTo(test, order(NOON + 2 * HOUR)), [202]);
    });
  }
  await t.step("and the audit log holds", async () => {
    await test.agent.stop();
    using audit = AuditReader.open(test.stateDir);
    assert.ok(audit.verify().ok);
  });
});

Deno.test("writ order of a machine whose clock is wrong says which clocks to compare", async (t) => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  const stateDir = `${fleet.path}/state`;
  const rules = rulesFromFolder(`${fleet.path}/policy`, []);
  await using _agent = await startAgent({ stateDir, rules, runner: new FakeRunner() });
  const cases = [["set back", -DAY, "expired"], ["set ahead", DAY, "not_yet_valid"]] as const;
  for (const [name, by, code] of cases) {
    await t.step(name, async () => {
      const args = ["order", "example/hello", "--follow", "--json"];
      const ran = await fleet.writ(args, { now: Date.now() + by });
      assertClearError(ran, 1, code);
      assert.match(ran.stderr, /^hint: .*clock/m);
    });
  }
  await t.step("right", async () => {
    await fleet.done("order", "example/hello", "--follow", "--json");
  });
});

Deno.test("writ agent starts with a clock set back, and doctor says that it is", async () => {
  using fleet = await FleetFolder.make();
  assert.equal((await runAgent(fleet)).exit, 0);
  const yesterday = { now: Date.now() - DAY };
  assert.equal((await runAgent(fleet, [], yesterday)).exit, 0);
  const ran = await fleet.writ(["doctor", "--json"], yesterday);
  assert.equal(ran.exit, 1);
  const { checks } = ran.json<{ checks: { check: string; status: string }[] }>();
  assert.equal(checks.find(({ check }) => check === "clock")!.status, "problem");
});
