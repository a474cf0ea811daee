import assert from "node:assert/strict";
import type { Row } from "../bench/row.ts";
import type { CaseReport } from "../hostile/runner.ts";
import { Binary } from "./binary.ts";
import { bestOf, compareBenches } from "./compare_benches.ts";
import { compareCases } from "./compare_cases.ts";
import { gate } from "./gate.ts";
import { gateTable } from "./gate_table.ts";

const HELD: CaseReport = {
  name: "a",
  outcome: "denied",
  detail: { permission: "read", message: "as this Deno puts it" },
  held: true,
  succeededUnprotected: true,
  canaryHits: 0,
  healthzMs: 5,
  wallMs: 50,
  control: { off: "read granted", proof: "it was read" },
  faults: [],
};

Deno.test("compareCases() tells what got weaker from what only changed", async (t) => {
  const cases: [what: string, then: Partial<CaseReport>, now: Partial<CaseReport>, string[]][] = [
    ["nothing", {}, {}, []],
    ["only words", {}, { detail: { permission: "read", message: "otherwise" }, wallMs: 9 }, []],
    ["an outcome that breaks it", {}, { outcome: "ok", held: false }, ["weaker"]],
    ["a canary", { held: false }, { held: false, canaryHits: 1 }, ["weaker"]],
    ["another outcome that holds", {}, { outcome: "exited" }, ["other"]],
    ["another detail that holds", {}, { detail: { permission: "net" } }, ["other"]],
    ["a case that holds at last", { held: false }, {}, ["stronger"]],
    ["a control", {}, { succeededUnprotected: false }, ["control"]],
    ["a late answer", {}, { healthzMs: 201 }, ["slow"]],
    ["a late answer on both", { healthzMs: 300 }, { healthzMs: 301 }, []],
  ];
  for (const [what, then, now, expected] of cases) {
    await t.step(what, () => {
      const changes = compareCases([{ ...HELD, ...then }], [{ ...HELD, ...now }]);
      assert.deepEqual(changes.map(({ change }) => change), expected);
    });
  }
  await t.step("a case that was not run", () => {
    assert.deepEqual(compareCases([HELD], []).map(({ change }) => change), ["weaker"]);
  });
});

Deno.test("compareBenches() knows of which unit more is better, and what is noise", async (t) => {
  const row = (value: number, unit: Row["unit"]): Row => ({ what: "x", value, unit });
  const cases: [number, number, Row["unit"], string][] = [
    [10, 11, "ms", "same"],
    [10, 12, "ms", "worse"],
    [10, 8, "ms", "better"],
    [10, 12, "orders/s", "better"],
    [10, 8, "MB/s", "worse"],
  ];
  for (const [then, now, unit, expected] of cases) {
    await t.step(`${then} to ${now} ${unit}`, () => {
      const changes = compareBenches([row(then, unit), row(then, unit)], [row(now, unit)]);
      assert.deepEqual(changes.map(({ change }) => change), [expected]);
    });
  }
});

Deno.test("bestOf() takes the better value of each row, by its unit", () => {
  const rows = (ms: number, speed: number): Row[] => [
    { what: "time", value: ms, unit: "ms" },
    { what: "speed", value: speed, unit: "MB/s" },
  ];
  assert.deepEqual(bestOf(rows(1, 2), rows(3, 4)), rows(1, 4));
  assert.deepEqual(bestOf(rows(3, 4), rows(1, 2)), rows(1, 4));
  assert.deepEqual(bestOf(rows(3, 4), []), rows(3, 4));
});

Deno.test("Binary.open() refuses what is not a Deno", async () => {
  assert.equal((await Binary.open(Deno.execPath())).version, Deno.version.deno);
  await assert.rejects(Binary.open("/nonexistent/deno"), RangeError);
  await assert.rejects(Binary.open("/bin/true"), RangeError);
});

Deno.test({
  name: "gate() finds no change between a Deno and itself",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const binary = await Binary.open(Deno.execPath());
    const attacks = ["exit_as_if_well", "read_environment"];
    const report = await gate(binary, binary, { attacks, benches: false });
    assert.deepEqual(report.faults, []);
    assert.equal(report.cases, 2);
    const weaker = report.changes.filter(({ change }) => change !== "slow");
    assert.deepEqual(weaker, []);
    assert.match(gateTable(report, 1), /2 attacks, 0 weaker/);
  },
});
