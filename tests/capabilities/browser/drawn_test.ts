import assert from "node:assert/strict";
import * as v from "valibot";
import { drawSchema } from "../../../runtime/capabilities/browser/calls.ts";

Deno.test("a line over a page has so many points at most, and so far away, and is no pointer", () => {
  const at = { path: "body" };
  const is = (look: unknown, of: object = { kind: "frame", at }) =>
    v.is(drawSchema, { session: "s", mark: "m", look, ...of });
  assert.ok(is({ line: Array(500).fill([-100, 100]), ms: 10_000, color: "#0072b2", label: "Ben" }));
  const refused = [
    Array(501).fill([0, 0]),
    [],
    [[0, 100.1]],
    [[-100.1, 0]],
    [[0, NaN]],
    [[0]],
    [[0, 0, 0]],
    "M 0 0",
  ];
  for (const line of refused) assert.ok(!is({ line }), JSON.stringify(line).slice(0, 40));
  const pointer = { kind: "pointer", at: { ...at, x: 0, y: 0 } };
  assert.ok(is({}, pointer));
  assert.ok(!is({ line: [[0, 0]] }, pointer));
});
