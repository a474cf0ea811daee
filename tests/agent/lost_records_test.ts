import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { AuditReader } from "../../runtime/agent/audit/audit_reader.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { TestAgent } from "./agent_fixture.ts";
import { instant, NOON } from "./fixture.ts";

/** Loses files of the state while the agent is off. */
function lose(test: TestAgent, form: RegExp): void {
  for (const { name } of Deno.readDirSync(test.stateDir)) {
    if (form.test(name)) Deno.removeSync(`${test.stateDir}/${name}`);
  }
}

Deno.test("an agent that lost its records takes no order from before", async (t) => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const { envelope } = test.fleet.order(test.agent.id);
  assert.equal((await test.send(envelope)).status, 202);
  const { id } = test.agent;
  await test.agent.stop();
  lose(test, /^(agent\.db|audit\.head)/);
  test.now = NOON + 60_000;
  await test.start();
  assert.equal(test.agent.id, id);
  await t.step("not the one it carried out", async () => {
    const response = await test.send(envelope);
    assert.equal(response.status, 409);
    assert.equal((await response.json()).error.code, "records_lost");
  });
  await t.step("also after another start", async () => {
    await test.agent.stop();
    await test.start();
    assert.equal((await test.send(envelope)).status, 409);
  });
  await t.step("but one from now on", async () => {
    const { run } = await test.order({ issued: instant(NOON + 60_000) });
    assert.equal((await test.ended(run)).outcome?.outcome, "ok");
  });
  await test.agent.stop();
  using audit = AuditReader.open(test.stateDir);
  assert.ok(audit.verify().ok);
  assert.equal(audit.after(0, 1)[0]!.event, "records_lost");
});

Deno.test("an agent whose database is gone and whose audit head is not does not start", async () => {
  await using test = await TestAgent.start();
  await test.agent.stop();
  lose(test, /^agent\.db/);
  await assert.rejects(test.start(), { code: "state_rolled_back" });
});

Deno.test("an agent does not go on with an audit log that was changed", async (t) => {
  const changes: Record<string, string> = {
    "a row's content": "UPDATE audit SET detail = '{}' WHERE seq = 2",
    "a row less": "DELETE FROM audit WHERE seq = 2",
    "no head": "DELETE FROM meta WHERE key = 'audit_head'",
    "a head of another": `UPDATE meta SET value =
      json_set(value, '$.agent', 'writ-key:' || hex(randomblob(21)) || 'A') WHERE key = 'audit_head'`,
  };
  for (const [name, sql] of Object.entries(changes)) {
    await t.step(name, async () => {
      await using test = await TestAgent.start();
      await test.agent.stop();
      lose(test, /^audit\.head/);
      {
        using db = new DatabaseSync(statePaths(test.stateDir).database);
        db.exec("DROP TRIGGER audit_keeps_rows; DROP TRIGGER audit_keeps_content");
        db.exec(sql);
      }
      await assert.rejects(test.start(), { code: "audit_broken" });
    });
  }
});

Deno.test("an agent does not go on with the audit log of another key", async () => {
  await using test = await TestAgent.start();
  await test.agent.stop();
  lose(test, /^agent\.key/);
  await assert.rejects(test.start(), { code: "audit_broken" });
});
