import assert from "node:assert/strict";
import { PolicyFile } from "../../runtime/policy/yaml/policy_file.ts";

/** `line:column` of each mistake. */
function places(text: string): string[] {
  return new PolicyFile("p.yaml", text).mistakes.map((m) => `${m.line}:${m.column}`);
}

Deno.test("PolicyFile counts lines that the parser skips after a mistake", () => {
  // What follows the second line is a text over two lines, outside any document.
  const found = places('a: 1\nb: { k: ["x"] ["y"] }\nc"] }\n  d: e\nf: g\n');
  assert.equal(found.at(-1), "5:4");
});

Deno.test("PolicyFile tells the line of a mistake behind any of many others", () => {
  const found = places("a: &x 1\n".repeat(30_000));
  assert.equal(found.length, 30_000);
  assert.deepEqual([found[0], found.at(-1)], ["1:7", "30000:7"]);
});
