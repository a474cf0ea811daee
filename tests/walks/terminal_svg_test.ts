import assert from "node:assert/strict";
import { sameEveryTime } from "./same_every_time.ts";
import { COLUMNS, terminalSvg } from "./terminal_svg.ts";

Deno.test("terminalSvg() draws the same text as the same bytes, escaped and cut", () => {
  const lines = ["$ a <b> & c", "", "x".repeat(COLUMNS), "y".repeat(COLUMNS + 1)];
  const svg = terminalSvg(lines, 'a "label"');
  assert.equal(svg, terminalSvg(lines, 'a "label"'));
  assert.ok(svg.includes(">$ a &lt;b&gt; &amp; c</text>"));
  assert.ok(svg.includes(`>${"x".repeat(COLUMNS)}</text>`));
  assert.ok(svg.includes(`>${"y".repeat(COLUMNS - 1)}…</text>`));
  assert.ok(svg.includes('aria-label="a &quot;label&quot;"'));
  assert.equal(svg.match(/<text /g)!.length, 3);
});

Deno.test("sameEveryTime() leaves nothing of one run in a transcript", () => {
  const of = (port: number, hash: string, ms: string) =>
    sameEveryTime(
      `in /tmp/writ-demo-${hash} on 127.0.0.1:${port}: sha256:${hash}…\nall, ${ms} ms.\n`,
    );
  assert.deepEqual(of(1, "0a", "12"), of(65_535, "ffee", "3.5"));
  assert.deepEqual(of(1, "0a", "12")[1], "all, … ms.");
});

Deno.test("docs/demo.svg is a transcript that nothing failed in", () => {
  const svg = Deno.readTextFileSync(new URL("../../docs/demo.svg", import.meta.url));
  assert.match(svg, /^<svg [^]*<\/svg>\n$/);
  assert.match(svg, /Everything as promised/);
  assert.doesNotMatch(svg, / ✗ /);
});
