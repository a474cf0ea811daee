import assert from "node:assert/strict";
import { Strokes } from "../../scripts/co-browse/browser/strokes.ts";
import { WIRE_LIMITS } from "../../scripts/co-browse/wire/limits.ts";

const BEN = { id: "p1", name: "Ben", color: "#0072b2" };
const CLEO = { id: "p2", name: "Cleo", color: "#d55e00" };
const { STROKES, STROKE_MS, STROKE_POINTS } = WIRE_LIMITS;

/** Lines, and what a browser shows of them. */
function drawing() {
  const shown = new Map<string, [number, number][]>();
  const strokes = new Strokes({
    highlight(id, element, { line, ms } = {}) {
      if (!element) shown.delete(id);
      else {
        shown.set(id, line!.slice());
        assert.equal(ms, STROKE_MS);
      }
      return Promise.resolve();
    },
  });
  const part = (n: number, ...points: [number, number][]) => ({
    n,
    element: { path: "body" },
    points,
  });
  return { shown, strokes, part };
}

Deno.test("Strokes shows a line that comes in parts as one, and each person's apart", () => {
  const { shown, strokes, part } = drawing();
  strokes.draw(BEN, part(1, [0, 0], [0.5, 0]));
  strokes.draw(CLEO, part(1, [1, 1]));
  strokes.draw(BEN, part(1, [0.5, 2]));
  assert.deepEqual(Object.fromEntries(shown), {
    "p1 1": [[0, 0], [0.5, 0], [0.5, 2]],
    "p2 1": [[1, 1]],
  });
  strokes.draw(BEN, null);
  assert.deepEqual([...shown.keys()], ["p2 1"]);
});

Deno.test("Strokes keeps no more of a line, and no more lines of a person, than there is room for", () => {
  const { shown, strokes, part } = drawing();
  for (let i = 0; i < 3; i++) {
    strokes.draw(BEN, part(0, ...Array(STROKE_POINTS - 100).fill([0, i])));
  }
  assert.equal(shown.get("p1 0")!.length, STROKE_POINTS);
  assert.deepEqual(shown.get("p1 0")!.at(-1), [0, 1]);
  for (let n = 1; n <= STROKES; n++) strokes.draw(BEN, part(n, [0, 0]));
  assert.equal(shown.size, STROKES);
  assert.ok(!shown.has("p1 0"), "the oldest is gone");
  assert.ok(shown.has(`p1 ${STROKES}`));
});
