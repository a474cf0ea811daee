import assert from "node:assert/strict";
import type { TestResult } from "../../runtime/author/mod.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { type Ran, writ } from "./test_io.ts";

const HEAD = 'import { test } from "writ/test";\n';

/** Runs `writ test` on a folder with these tests. */
async function run(files: Record<string, string>, ...args: string[]): Promise<Ran> {
  using dir = new TemporaryDir();
  for (const [name, text] of Object.entries(files)) dir.file(name, text);
  return await writ(["test", ...args, "--json"], { cwd: dir.path });
}

const statesOf = (ran: Ran) =>
  Object.fromEntries(ran.json<{ tests: TestResult[] }>().tests.map((t) => [t.name, t.state]));

Deno.test("test runs every test of every file, and exits 1 when one fails", async () => {
  const ran = await run({
    "a_test.ts": HEAD +
      'test("good", () => {});\ntest("bad", () => {\n  throw new Error("no");\n});\n',
    "b_test.ts": HEAD + 'test("late", async () => { await Promise.reject("text"); });\n',
    "other.ts": "throw new Error('not a test');\n",
  });
  assert.equal(ran.exit, 1);
  assert.deepEqual(statesOf(ran), { good: "ok", bad: "failed", late: "failed" });
  const { tests } = ran.json<{ tests: TestResult[] }>();
  assert.match(tests[1]!.error!, /Error: no\n.*script:\/\/local\/a_test\.ts:4:9/);
  assert.equal(tests[2]!.error, "text");
});

Deno.test("test --filter runs the tests of that name only", async () => {
  const files = {
    "a_test.ts": HEAD + 'test("one", () => {});\ntest("two", () => { throw 1; });\n',
  };
  const one = await run(files, "--filter", "on");
  assert.deepEqual([one.exit, statesOf(one)], [0, { one: "ok" }]);
  assert.equal((await run(files, "--filter", "three")).exit, 1);
});

Deno.test("test holds a test to the rights that the manifest asks for", async () => {
  const manifest = (requests: string) =>
    `publisher: a\nname: a\nversion: 1.0.0\nsequence: 1\nruntime: "*"\nrequests: ${requests}\n`;
  const files = {
    "a_test.ts": HEAD + 'test("host", () => void Deno.hostname());\n' +
      'test("system", () => void Deno.osRelease());\n',
  };
  const asked = "[{ permission: sys, value: osRelease, reason: a }]";
  const ran = await run({ ...files, "manifest.yaml": manifest(asked) });
  assert.deepEqual(statesOf(ran), { host: "failed", system: "ok" });
  const nothing = await run(files);
  assert.deepEqual(statesOf(nothing), { host: "failed", system: "failed" });
});

Deno.test("test names the test that a limit ended", async () => {
  const ran = await run({
    "a_test.ts": HEAD + 'test("good", () => {});\ntest("endless", () => { for (;;); });\n',
    "manifest.yaml": 'publisher: a\nname: a\nversion: 1.0.0\nsequence: 1\nruntime: "*"\n' +
      "limits: { cpu: 300 ms }\n",
  });
  assert.equal(ran.exit, 1);
  assert.equal(ran.json().outcome, "cpu");
  assert.deepEqual(statesOf(ran), { good: "ok", endless: "unfinished" });
});

Deno.test("test is not taken in by results that the script sends itself", async () => {
  const ran = await run({
    "a_test.ts": HEAD +
      'test("liar", (ctx) => { ctx.emit("test", { name: 1 }); ctx.emit("test", null); throw 1; });\n',
  });
  assert.deepEqual([ran.exit, statesOf(ran)], [1, { liar: "failed" }]);
});

Deno.test("test and try say which file or folder is missing", async () => {
  using dir = new TemporaryDir();
  dir.file("empty/notes.txt", "");
  const found = async (...args: string[]) => {
    const ran = await writ([...args, "--json"], { cwd: dir.path });
    return ran.json<{ error: { code: string; message: string } }>().error;
  };
  assert.equal((await found("test", "nowhere")).code, "no_tests");
  const { code, message } = await found("try", "empty");
  assert.equal(code, "no_such_file");
  assert.match(message, /"empty\/mod\.ts"/);
});

Deno.test("test says when there is nothing to test, or it cannot be loaded", async () => {
  const code = (ran: Ran) => ran.json<{ error: { code: string } }>().error.code;
  assert.equal(code(await run({ "mod.ts": "" })), "no_tests");
  assert.equal(code(await run({ "a_test.ts": 'import "./nope.ts";\n' })), "bundle");
  assert.equal((await run({ "a_test.ts": "export {};\n" })).exit, 1);
  for (const wrong of ['test("", () => {});\n', 'test("a");\n']) {
    const thrown = await run({ "a_test.ts": HEAD + wrong });
    assert.deepEqual([thrown.exit, thrown.json().outcome], [1, "script_error"], wrong);
  }
});
