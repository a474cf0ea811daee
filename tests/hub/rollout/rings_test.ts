import assert from "node:assert/strict";
import { DEFAULT_RINGS, requireRings, type Ring } from "../../../runtime/hub/rollout/rings.ts";

Deno.test("requireRings() refuses a ring that a wrong word would leave out or fill with all", async (t) => {
  const known = new Set(["canary", "office"]);
  const last: Ring = { name: "all" };
  const cases: [string, readonly Ring[], boolean][] = [
    ["labels that agents have", [{ name: "canary", labels: ["canary", "lab"] }, last], true],
    ["a percentage", [{ name: "tenth", percent: 10 }, last], true],
    ["one ring for all", [last], true],
    ["a label that nobody has", [{ name: "canary", labels: ["canry"] }, last], false],
    ["no label at all", [{ name: "canary" }, last], false],
  ];
  for (const [name, rings, isTaken] of cases) {
    await t.step(name, () => {
      if (isTaken) requireRings(rings, known);
      else assert.throws(() => requireRings(rings, known), { code: "bad_request" });
    });
  }
  await t.step("but takes the rings that it proposes itself", () => {
    requireRings(DEFAULT_RINGS, new Set());
  });
});
