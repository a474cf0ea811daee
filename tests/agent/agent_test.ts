import assert from "node:assert/strict";
import { AuditReader } from "../../runtime/agent/audit/audit_reader.ts";
import { TestAgent } from "./agent_fixture.ts";

Deno.test("startAgent() runs an accepted order to its end", async () => {
  await using test = await TestAgent.start();
  const { digest } = test.fleet.publish("1.0.0");
  const { run } = await test.order({ input: { copies: 2 } });
  const record = await test.ended(run);
  assert.deepEqual(record.outcome, { outcome: "ok", result: { copies: 2 } });
  assert.equal(record.state, "ended");
  assert.equal(record.module, digest);
  assert.equal(record.policy, test.fleet.policy().digest);
  await test.agent.stop();
  using audit = AuditReader.open(test.stateDir);
  assert.deepEqual(
    audit.tail(100).map(({ event }) => event),
    [
      "policy_loaded",
      "agent_started",
      "order_accepted",
      "run_started",
      "run_ended",
      "agent_stopped",
    ],
  );
  assert.deepEqual(audit.verify(), { rows: 6, ok: true });
});
