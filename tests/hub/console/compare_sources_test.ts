import assert from "node:assert/strict";
import {
  type Source,
  SourceComparison,
} from "../../../runtime/hub/console/scripts/compare_sources.ts";

const source = (digit: string, text: string): Source => ({ sha256: `sha256:${digit}`, text });
/** So different from each other that comparing them never ends by itself in time. */
const far = (digit: string) =>
  source(digit, Array.from({ length: 9_000 }, (_, i) => `${digit} ${i * 7919 % 9001}`).join("\n"));

Deno.test("SourceComparison.compare() says what is different, and remembers it", async () => {
  const comparison = new SourceComparison();
  const [one, two] = [source("1", "a\nb\n"), source("2", "a\nc\n")];
  const changes = (await comparison.compare(one, two))!;
  assert.deepEqual(changes.map(({ kind, text }) => `${kind} ${text}`), [
    ...["place line 1", "same  a", "del -b", "add +c"],
  ]);
  assert.equal(await comparison.compare(one, two), changes);
  assert.deepEqual(await comparison.compare(one, one), []);
});

Deno.test("SourceComparison.compare() lets others go on, and turns away too many at once", async () => {
  const comparison = new SourceComparison();
  let others = 0;
  const beating = setInterval(() => others++, 1);
  try {
    const asked = Array.from({ length: 20 }, (_, i) => comparison.compare(far("a"), far(`b${i}`)));
    const turnedAway = await Promise.all(asked.slice(8));
    assert.deepEqual(turnedAway, Array(12).fill(undefined));
    await asked[0];
    assert.ok(others >= 10, `${others} turns for others while one pair was compared`);
    await Promise.all(asked);
  } finally {
    clearInterval(beating);
  }
});
