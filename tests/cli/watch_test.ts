import assert from "node:assert/strict";
import { runCli } from "../../runtime/cli/mod.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { TestIo, writ } from "./test_io.ts";

Deno.test("try --watch runs again after a change, clears the screen, and outlives mistakes", async () => {
  using dir = new TemporaryDir();
  const write = (text: string) => dir.file("mod.ts", text);
  dir.file("lib.ts", "export const answer = 41;\n");
  write('import { answer } from "./lib.ts";\nexport default { run: () => answer };\n');
  const io = new TestIo({ cwd: dir.path, terminal: true });
  const ended = runCli(["try", "mod.ts", "--watch"], io);
  await io.written("out", /41\n/);
  await io.written("err", /Waiting for a change/);
  dir.file("lib.ts", "export const answer = 42;\n");
  await io.written("out", /42\n/);
  write("export default {");
  await io.written("err", /refused[^]*Waiting for a change/);
  write('import "./nope.ts";\nexport default { run: () => 1 };\n');
  await io.written("err", /mod\.ts:1:8 Cannot import "\.\/nope\.ts"/);
  write("export default { run: () => 43 };\n");
  await io.written("out", /43\n/);
  io.raise("SIGINT");
  assert.equal(await ended, 0);
  assert.ok(io.err.includes("\x1b[2J"));
});

Deno.test("test --watch runs again after a change, ending a run that is under way", async () => {
  using dir = new TemporaryDir();
  const write = (body: string) =>
    dir.file("a_test.ts", `import { test } from "writ/test";\ntest("a", ${body});\n`);
  write("async () => { console.log('begun'); await new Promise(() => {}); }");
  const io = new TestIo({ cwd: dir.path });
  const ended = runCli(["test", "--watch"], io);
  await io.written("err", /begun/);
  write("() => {}");
  await io.written("out", /1 passed, 0 failed/);
  io.raise("SIGTERM");
  assert.equal(await ended, 0);
});

Deno.test("--watch and --json exclude each other", async () => {
  using dir = new TemporaryDir();
  for (const command of ["try", "test"]) {
    assert.equal((await writ([command, ".", "--watch", "--json"], { cwd: dir.path })).exit, 2);
  }
});
