import assert from "node:assert/strict";
import { makePolicy } from "../../runtime/core/policy_in_force.ts";
import type { Pending } from "../../runtime/agent/store/pending.ts";
import { TestAgent } from "./agent_fixture.ts";
import { TestFleet } from "./fixture.ts";

async function pendingOf(test: TestAgent): Promise<{ auditMode: boolean; pending: Pending[] }> {
  return await (await test.ask("/v1/policy/pending")).json();
}

/** `rule times` of each. */
const brief = (pending: readonly Pending[]) =>
  pending.map(({ rule, times, run }) => `${rule} ${times}${run === null ? "" : " run"}`).sort();

Deno.test("GET /v1/policy/pending gathers what was refused, of runs and of orders", async () => {
  const fleet = new TestFleet();
  let policy = fleet.policy();
  const rules = () => Promise.resolve({ policy, sources: [fleet.source()] });
  await using test = await TestAgent.start({ rules }, fleet);
  fleet.publish("1.0.0");
  assert.equal((await test.ended((await test.order()).run)).outcome?.outcome, "ok");
  assert.deepEqual((await pendingOf(test)).pending, []);

  policy = fleet.policy({ accept: [] });
  await test.agent.reload();
  for (let i = 0; i < 2; i++) await test.ended((await test.order()).run);
  policy = fleet.policy({ grants: new Map() });
  await test.agent.reload();
  const refused = await test.send(fleet.order(test.agent.id).envelope);
  assert.equal((await refused.json()).error.code, "no_grant");
  policy = fleet.policy();
  await test.agent.reload();
  test.runner.answer = () => ({
    outcome: "denied",
    detail: { permission: "net", value: "a.example:443", message: "no" },
  });
  await test.ended((await test.order({ script: { name: fleet.script, range: "^1.0.0" } })).run);

  const { auditMode, pending } = await pendingOf(test);
  assert.equal(auditMode, false);
  assert.deepEqual(brief(pending), ["denied_permission 1 run", "no_grant 1", "not_accepted 2 run"]);
  const denied = pending.find(({ rule }) => rule === "denied_permission")!;
  assert.deepEqual(
    [denied.script, denied.wanted, denied.orderers, denied.permission, denied.value],
    ["acme/echo", "^1.0.0", ["operator"], "net", "a.example:443"],
  );
});

Deno.test("an agent in audit mode runs nothing and records what would have run or been refused", async () => {
  const fleet = new TestFleet();
  let policy = makePolicy({ ...fleet.policy(), auditMode: true });
  const rules = () => Promise.resolve({ policy, sources: [fleet.source()] });
  await using test = await TestAgent.start({ rules }, fleet);
  fleet.publish("1.0.0");
  await test.ended((await test.order()).run);
  policy = makePolicy({ ...fleet.policy({ accept: [] }), auditMode: true });
  await test.agent.reload();
  await test.ended((await test.order()).run);
  assert.equal(test.runner.started.length, 0);
  const { auditMode, pending } = await pendingOf(test);
  assert.equal(auditMode, true);
  assert.deepEqual(brief(pending), ["audit_mode 1 run", "not_accepted 1 run"]);
  policy = fleet.policy();
  await test.agent.reload();
  assert.equal((await test.ended((await test.order()).run)).outcome?.outcome, "ok");
});
