import assert from "node:assert/strict";
import { circlesOf } from "./circles.ts";
import { type Arrow, readArrows } from "./module_graph.ts";
import { projectFiles } from "./project_files.ts";
import { faultOf } from "./rooms.ts";

const isSource = (file: string) => /^(?:main\.ts|runtime\/.*\.tsx?|scripts\/.*\.ts)$/.test(file);
const isTest = (file: string) => /^tests\/.*\.ts$/.test(file);

Deno.test("every import goes down to a room that its room may know", async () => {
  const arrows = await readArrows(projectFiles().filter(isSource));
  assert.ok(arrows.length > 100, "the imports were not read");
  assert.deepEqual(arrows.map(faultOf).filter((fault) => fault !== undefined), []);
});

Deno.test("no two files import each other, nor by way of others, nor for a type alone", async () => {
  const arrows = await readArrows(projectFiles().filter((file) => isSource(file) || isTest(file)));
  assert.ok(arrows.some(({ from }) => isTest(from)), "the imports of the tests were not read");
  assert.deepEqual(circlesOf(arrows), []);
});

Deno.test("circlesOf() finds each circle once, and none where files only share what they import", async (t) => {
  const cases: [what: string, imports: [from: string, to: string][], circles: string[][]][] = [
    ["nothing", [], []],
    ["a line", [["a", "b"], ["b", "c"]], []],
    ["two ways to one file", [["a", "b"], ["a", "c"], ["b", "d"], ["c", "d"]], []],
    ["a file that imports itself", [["a", "a"]], [["a"]]],
    ["two files, with one before and one behind", [
      ["a", "b"],
      ["b", "c"],
      ["c", "b"],
      ["c", "d"],
    ], [["b", "c"]]],
    ["a long one", [["a", "b"], ["b", "c"], ["c", "a"]], [["a", "b", "c"]]],
    ["two apart", [["a", "b"], ["b", "a"], ["b", "c"], ["c", "d"], ["d", "c"]], [
      ["a", "b"],
      ["c", "d"],
    ]],
  ];
  for (const [what, imports, circles] of cases) {
    await t.step(what, () => {
      const arrows = imports.map(([from, to]): Arrow => ({ from, to, specifier: to }));
      assert.deepEqual(circlesOf(arrows), circles);
    });
  }
});

Deno.test("readArrows() finds static imports, dynamic ones, and those of types", async () => {
  const file = "tests/project/fixtures/imports.ts";
  const arrows = await readArrows([file]);
  assert.deepEqual(
    arrows.map(({ to }) => to).sort(),
    [
      "npm:hono",
      "node:path",
      "runtime/core/digest.ts",
      "runtime/core/errors.ts",
      "runtime/core/key.ts",
      "runtime/sdk/mod.ts",
    ].sort(),
  );
});

Deno.test("faultOf() tells an import that goes up, sideways or out from one that goes down", async (t) => {
  const cases: [from: string, to: string, fault: boolean][] = [
    ["runtime/agent/agent.ts", "runtime/core/key.ts", false],
    ["runtime/core/key.ts", "runtime/agent/agent.ts", true],
    ["runtime/policy/mod.ts", "runtime/core/key.ts", false],
    ["runtime/policy/mod.ts", "runtime/sandbox/mod.ts", true],
    ["runtime/sandbox/mod.ts", "runtime/peer/mod.ts", true],
    ["runtime/author/mod.ts", "runtime/policy/mod.ts", false],
    ["runtime/author/mod.ts", "runtime/agent/mod.ts", true],
    ["runtime/cli/mod.ts", "runtime/hub/mod.ts", false],
    ["runtime/hub/mod.ts", "runtime/cli/mod.ts", true],
    ["runtime/cli/demo/ipp_printer.ts", "scripts/print/mod.ts", false],
    ["runtime/cli/commands/try.ts", "scripts/print/mod.ts", true],
    ["scripts/print/mod.ts", "runtime/sdk/mod.ts", false],
    ["scripts/print/mod.ts", "runtime/core/key.ts", true],
    ["scripts/print/mod.ts", "node:fs", true],
    ["runtime/core/digest.ts", "node:crypto", false],
    ["runtime/core/digest.ts", "node:fs", true],
    ["runtime/policy/mod.ts", "npm:yaml", false],
    ["runtime/sandbox/mod.ts", "npm:yaml", true],
    ["main.ts", "runtime/cli/mod.ts", false],
    ["main.ts", "runtime/agent/mod.ts", true],
    ["runtime/agent/agent.ts", "tests/agent/fixture.ts", true],
    ["runtime/agent/agent.ts", "stray.ts", true],
    ["stray.ts", "runtime/core/key.ts", true],
    ["tests/agent/agent_test.ts", "runtime/agent/agent.ts", false],
  ];
  for (const [from, to, fault] of cases) {
    await t.step(`${from} → ${to}`, () => {
      const arrow: Arrow = { from, to, specifier: to };
      assert.equal(faultOf(arrow) !== undefined, fault);
    });
  }
});
