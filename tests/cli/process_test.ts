import assert from "node:assert/strict";
import { TemporaryDir } from "../temporary_dir.ts";

const ROOT = new URL("../../", import.meta.url);

/** Runs the task as a user would type it. */
async function task(name: string, args: readonly string[], cwd: string, says?: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "--config", new URL("deno.json", ROOT).pathname, name, ...args],
    cwd,
    stdin: says === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // Who has heard enough does not listen to the rest.
  if (says !== undefined) await new Blob([says]).stream().pipeTo(child.stdin).catch(() => {});
  const output = await child.output();
  const decoder = new TextDecoder();
  return {
    exit: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

Deno.test("the task writ takes files from where the user stands, and is quiet", async () => {
  using dir = new TemporaryDir();
  dir.file("mod.ts", "export default { run: (n: number) => n + 1 };");
  const ran = await task("writ", ["try", "mod.ts", "--input", "1", "--json"], dir.path);
  assert.deepEqual([ran.exit, ran.stderr], [0, ""]);
  assert.equal(JSON.parse(ran.stdout).result, 2);
});

Deno.test("the task writ passes arguments on as they are", async () => {
  using dir = new TemporaryDir();
  dir.file("a b/mod.js", "export default { run: (input) => input };");
  const input = { text: `it's "$HOME" & 'more' \\ ä`, list: [1, null] };
  const args = ["try", "a b/mod.js", "--input", JSON.stringify(input), "--json"];
  const ran = await task("writ", args, dir.path);
  assert.deepEqual(JSON.parse(ran.stdout).result, input);
});

Deno.test("the task writ does not see the environment of whoever starts it", async () => {
  const { command } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT))).tasks.writ;
  assert.match(command, /--no-prompt/);
  assert.match(command, /--ignore-env/);
  assert.doesNotMatch(command, /\s(-A|--allow-all|--allow-env|--allow-ffi|--allow-run)(\s|$)/);
});

Deno.test("the task writ exits 2 for wrong usage, without a stack trace", async () => {
  using dir = new TemporaryDir();
  const ran = await task("writ", ["tyr"], dir.path);
  assert.equal(ran.exit, 2);
  assert.equal(ran.stderr, "writ: error: unknown command 'tyr'\nhint: did you mean try?\n");
});

Deno.test("the task writ exits 2 for more on standard input than it reads", async () => {
  using dir = new TemporaryDir();
  const enrol = ["enrol", "http://127.0.0.1:9", "-"];
  const ran = await task("writ", enrol, dir.path, "x".repeat(1025));
  const { exit, stderr } = ran;
  const message = "Cannot read standard input as it is longer than 1024 bytes";
  assert.deepEqual([exit, stderr], [2, `writ: error: ${message}\n`]);
  const control = await task("writ", enrol, dir.path, "x".repeat(1024));
  assert.ok(!control.stderr.includes(message), control.stderr);
});
