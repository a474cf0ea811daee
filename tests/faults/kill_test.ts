import assert from "node:assert/strict";
import type { RunRecord } from "../../runtime/agent/store/runs.ts";
import { type Given, judge } from "./kill/judge.ts";
import { killRounds } from "./kill/kill_rounds.ts";

Deno.test({
  name: "an agent killed at 10 random moments loses, doubles, reuses and leaves nothing",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const report = await killRounds({ rounds: 10, seed: 4 });
    assert.deepEqual(report.faults, []);
    assert.ok(report.acknowledged > 10, JSON.stringify(report));
  },
});

Deno.test("judge() finds what is lost, doubled, given out twice and overtaken", async (t) => {
  const order = (id: string, run: number, queueKey?: string): Given => {
    return { id, script: "once", queueKey, envelope: new Uint8Array(), run };
  };
  const ran = (id: number, order: string, outcome: "ok" | "cancelled" = "ok") =>
    ({ id, order, attempt: 1, state: "ended", outcome: { outcome } }) as RunRecord;
  const given = [order("a", 1, "q"), order("b", 2, "q")];
  const runs = [ran(1, "a"), ran(2, "b")];
  const seen = new Map([["a", [1]], ["b", [2]]]);
  await t.step("none of it", () => assert.deepEqual(judge(given, runs, seen).faults, []));
  const counts = { lost: 0, doubled: 0, reused: 0, overtaken: 0 };
  const cases: Record<string, [Parameters<typeof judge>, Partial<typeof counts>]> = {
    "a run that is gone": [[given, runs.slice(1), seen], { lost: 1 }],
    "a run without an end": [[given, [runs[0]!, { ...runs[1]!, state: "running" }], seen], {
      lost: 1,
    }],
    "a run that ended as it must not": [[given, [runs[0]!, ran(2, "b", "cancelled")], seen], {
      lost: 1,
    }],
    "a run nobody saw": [[given, runs, new Map([["a", [1]]])], { lost: 1 }],
    "a script that ran twice": [[given, runs, new Map([["a", [1, 2]], ["b", [3]]])], {
      doubled: 1,
    }],
    "one number for two": [[
      [given[0]!, { ...given[1]!, run: 1 }],
      [ran(1, "a"), ran(1, "b")],
      seen,
    ], {
      reused: 1,
    }],
    "a queue out of order": [[given, runs, new Map([["a", [2]], ["b", [1]]])], { overtaken: 1 }],
  };
  for (const [name, [args, expected]] of Object.entries(cases)) {
    await t.step(name, () => {
      const { lost, doubled, reused, overtaken } = judge(...args);
      assert.deepEqual({ lost, doubled, reused, overtaken }, { ...counts, ...expected });
    });
  }
});
