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

Deno.test("PolicyFile refuses nesting in one line before the parser's stack overflows", async (t) => {
  const lines = {
    "keys": "a: ".repeat(50_000),
    "tabbed keys in a broken mapping": `{\\${"\t|0x7f.1:80mode: signed".repeat(8_000)}`,
    "items": "- ".repeat(50_000),
    "explicit keys": "? ".repeat(50_000),
    "brackets": "[".repeat(50_000),
  };
  for (const [what, text] of Object.entries(lines)) {
    await t.step(what, () => {
      const { root, mistakes } = new PolicyFile("p.yaml", text);
      assert.equal(root, null);
      assert.deepEqual(mistakes.map((m) => m.code), ["too_deep"]);
    });
  }
  await t.step("but not a long list of pairs", () => {
    const text = `a: { ${Array.from({ length: 50 }, (_, i) => `k${i}: v`).join(", ")} }`;
    assert.deepEqual(new PolicyFile("p.yaml", text).mistakes, []);
  });
});
