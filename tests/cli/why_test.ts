import assert from "node:assert/strict";
import type { RunRecord } from "../../runtime/agent/mod.ts";
import type { Outcome } from "../../runtime/core/outcome.ts";
import { explainRun, type RunReason } from "../../runtime/cli/why/explain_run.ts";
import { REFUSAL_REASONS } from "../../runtime/policy/refusal_reasons.ts";
import { FleetFolder } from "./fleet_folder.ts";
import { withAgent } from "./with_agent.ts";

function record(outcome: Outcome | null): RunRecord {
  return {
    id: 7,
    order: "0",
    orderer: "operator",
    script: "acme/print",
    state: outcome ? "ended" : "accepted",
    attempt: 1,
    retryOf: null,
    due: null,
    created: 0,
    started: null,
    ended: null,
    version: null,
    module: null,
    policy: null,
    level: null,
    outcome,
    figures: null,
  } as RunRecord;
}

const OUTCOMES: readonly Outcome[] = [
  { outcome: "ok", result: null },
  { outcome: "script_error", detail: { name: "Error", message: "no", stack: "Error: no\n at x" } },
  { outcome: "denied", detail: { permission: "net", value: "a:1", message: "no" } },
  { outcome: "cpu", detail: { limitMs: 1 } },
  { outcome: "wall", detail: { reason: "deadline", limitMs: 1 } },
  { outcome: "memory", detail: { kind: "heap", limitBytes: 1 } },
  { outcome: "output", detail: { limitBytes: 1 } },
  { outcome: "protocol", detail: { message: "no" } },
  { outcome: "exited", detail: { code: 1 } },
  { outcome: "cancelled", detail: { reason: "no" } },
  { outcome: "interrupted", detail: { reason: "no" } },
];

Deno.test("explainRun() has words for every outcome and for a run that goes on", () => {
  for (const outcome of OUTCOMES) {
    const reason = explainRun(record(outcome));
    assert.equal(reason.rule, outcome.outcome);
    assert.ok(reason.because && reason.found.startsWith(outcome.outcome));
  }
  assert.equal(explainRun(record(null)).outcome, null);
});

Deno.test("explainRun() sends to the publisher whose script failed, not whose script says no", () => {
  const stepOf = (stack?: string) => {
    const detail = { name: "FalseFile", message: "no", ...(stack !== undefined && { stack }) };
    return explainRun(record({ outcome: "script_error", detail })).admin[0]!;
  };
  assert.match(stepOf("FalseFile: no\n at x"), /publisher/);
  assert.match(stepOf(), /order again/);
});

Deno.test("explainRun() names rule, finding and a next step for every refusal", () => {
  for (const rule of Object.keys(REFUSAL_REASONS) as (keyof typeof REFUSAL_REASONS)[]) {
    const detail = { rule, message: "found" };
    const reason = explainRun(record({ outcome: "refused", detail }));
    assert.deepEqual([reason.rule, reason.found], [rule, "found"]);
    assert.ok(reason.admin.length > 0, rule);
    assert.ok(!/[.]$|\bSCRIPT\b/.test([reason.because, ...reason.admin].join("\n")), rule);
  }
});

Deno.test("explainRun() does not fail on a rule of another version", () => {
  for (const rule of ["of_tomorrow", "constructor"]) {
    const outcome = { outcome: "refused", detail: { rule, message: "x" } } as unknown as Outcome;
    assert.equal(explainRun(record(outcome)).rule, rule);
  }
});

Deno.test("why explains a run from the record, and the last one that did not end well", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  await withAgent(fleet, async () => {
    const why = async (...args: string[]) =>
      (await fleet.done("why", ...args, "--json")).json<RunReason>();
    const none = await fleet.writ(["why", "--json"]);
    assert.equal(none.exit, 1);
    const order = async () => {
      const ran = await fleet.writ(["order", "example/hello", "--follow", "--json"]);
      return String(ran.json().run);
    };
    const good = await order();
    const accept = fleet.read("policy/accept.yaml").replace("^1.0.0", "^9.0.0");
    fleet.file("policy/accept.yaml", accept);
    await fleet.done("policy", "reload");
    const bad = await order();
    assert.equal((await why(good)).outcome, "ok");
    const reason = await why(bad);
    assert.deepEqual([reason.outcome, reason.rule], ["refused", "not_accepted"]);
    assert.ok(reason.admin.some((step) => step.includes("policy approve example/hello")));
    assert.deepEqual(await why(), reason);
    assert.match((await fleet.done("why", bad)).stdout, /not_accepted[^]*you may/);
    for (const [run, exit] of [["999", 1], ["last", 2]] as const) {
      assert.equal((await fleet.writ(["why", run])).exit, exit);
    }
  });
});
