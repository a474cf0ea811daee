import assert from "node:assert/strict";
import fc from "fast-check";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { judgeRing } from "../../../runtime/hub/rollout/gate.ts";
import { DEFAULT_RINGS, fillRings } from "../../../runtime/hub/rollout/rings.ts";

const GATE = { okPercent: 90, settleMs: 1_000, withinMs: 10_000 };

Deno.test("judgeRing() passes a ring that did well, and halts one that did not", () => {
  const halted = (health: Parameters<typeof judgeRing>[0], sinceMs: number) =>
    typeof judgeRing(health, GATE, sinceMs) === "object"
      ? "halt"
      : judgeRing(health, GATE, sinceMs);
  const cases = [
    ["nobody was heard of yet", { size: 10, good: 0, bad: 0 }, 0, "wait"],
    ["all did well, and it was not watched for long", { size: 10, good: 10, bad: 0 }, 999, "wait"],
    ["all did well", { size: 10, good: 10, bad: 0 }, 1_000, "pass"],
    ["as many did badly as may", { size: 10, good: 9, bad: 1 }, 1_000, "pass"],
    ["one more did badly", { size: 10, good: 0, bad: 2 }, 0, "halt"],
    ["the only one did badly", { size: 1, good: 0, bad: 1 }, 0, "halt"],
    ["most were heard of in time", { size: 10, good: 6, bad: 0 }, 10_000, "pass"],
    ["most were heard of, and time is left", { size: 10, good: 9, bad: 0 }, 9_999, "wait"],
    ["too few were heard of in time", { size: 10, good: 5, bad: 0 }, 10_000, "halt"],
    [
      "of the few that were heard of too many did badly",
      { size: 10, good: 5, bad: 1 },
      10_000,
      "halt",
    ],
  ] as const;
  for (const [name, health, sinceMs, verdict] of cases) {
    assert.equal(halted(health, sinceMs), verdict, name);
  }
});

const ids = (count: number) => Array.from({ length: count }, (_, i) => `writ-key:${i}` as KeyId);

Deno.test("fillRings() puts agents with the label first, a tenth behind them, and then the rest", () => {
  const agents = ids(30);
  const canaries = new Set([agents[4], agents[7]]);
  const rings = fillRings(
    DEFAULT_RINGS,
    agents,
    (agent) => new Set(canaries.has(agent) ? ["canary"] : []),
  );
  assert.deepEqual(rings.map(({ name, agents }) => [name, agents.length]), [
    ["canary", 2],
    ["tenth", 3],
    ["all", 25],
  ]);
  assert.deepEqual(rings[0]!.agents, [agents[4], agents[7]]);
  const without = fillRings(DEFAULT_RINGS, agents, () => new Set());
  assert.deepEqual(without.map(({ name }) => name), ["tenth", "all"]);
  assert.deepEqual(fillRings(DEFAULT_RINGS, [], () => new Set()), []);
});

Deno.test("fillRings() puts every agent into one ring", () => {
  const ring = fc.record({
    name: fc.constant("ring"),
    labels: fc.option(fc.subarray(["a", "b", "c"], { minLength: 1 }), { nil: undefined }),
    percent: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
  });
  fc.assert(fc.property(
    fc.array(ring, { minLength: 1, maxLength: 5 }),
    fc.array(fc.subarray(["a", "b", "c"]), { maxLength: 40 }),
    (rings, labels) => {
      const agents = ids(labels.length);
      const filled = fillRings(rings, agents, (agent) => new Set(labels[agents.indexOf(agent)]));
      assert.deepEqual(filled.flatMap(({ agents }) => agents).sort(), [...agents].sort());
      assert.ok(filled.every(({ agents }) => agents.length > 0));
    },
  ));
});
