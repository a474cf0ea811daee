import assert from "node:assert/strict";
import { allCommands, programTree } from "../../runtime/cli/mod.ts";
import { cliPage } from "./docs.ts";
import { TestIo } from "./test_io.ts";

const tree = await programTree(new TestIo());

Deno.test("docs/cli.md is what `deno task docs:cli` writes", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/cli.md", import.meta.url));
  assert.ok(page === cliPage(tree), "docs/cli.md is stale: deno task docs:cli");
});

Deno.test("cliPage() changes with an option", () => {
  const [first, ...rest] = tree.commands;
  const without = { ...tree, commands: [{ ...first!, options: [] }, ...rest] };
  assert.notEqual(cliPage(without), cliPage(tree));
});

Deno.test("every command says what it does, and has an example that names it", () => {
  for (const { path, description, example } of allCommands(tree).slice(1)) {
    assert.match(description, /^[a-z].*[^.]$/, path);
    assert.ok(example?.includes(`writ ${path}`), `${path}: ${example}`);
  }
});
