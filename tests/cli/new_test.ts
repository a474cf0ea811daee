import assert from "node:assert/strict";
import { manifestFileSchema, parseManifestFile } from "../../runtime/author/mod.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { writ } from "./test_io.ts";

const codeOf = (ran: { stdout: string }) => JSON.parse(ran.stdout).error.code;

Deno.test("new makes a script that passes its tests, runs and packs", async () => {
  using dir = new TemporaryDir();
  const run = (...args: string[]) => writ([...args, "--json"], { cwd: dir.path });
  const made = await run("new", "deep/labels", "--publisher", "acme");
  assert.equal(made.exit, 0, made.stderr);
  assert.equal((await run("test", "deep/labels")).json().passed, 2);
  const tried = await run("try", "deep/labels", "--input", '{"name": "Ada"}');
  assert.deepEqual(tried.json().result, { greeting: "Hello, Ada!" });
  const packed = await run("pack", "deep/labels", "--out", "dist");
  assert.equal(packed.json().script, "acme/labels");
});

Deno.test("new makes a folder in which Deno checks types, formats and lints without a word", async () => {
  using dir = new TemporaryDir();
  await writ(["new", "labels"], { cwd: dir.path });
  for (const args of [["check", "mod.ts", "mod_test.ts"], ["fmt", "--check"], ["lint"]]) {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: `${dir.path}/labels`,
      stdout: "null",
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  }
});

Deno.test("new gives editors types by which a wrong use of ctx is found", async () => {
  using dir = new TemporaryDir();
  await writ(["new", "labels"], { cwd: dir.path });
  dir.file(
    "labels/mod.ts",
    'import type { Script } from "writ";\n' +
      "export default { run: (_: null, ctx) => ctx.progres(1) } satisfies Script<null>;\n",
  );
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "mod.ts"],
    cwd: `${dir.path}/labels`,
    stdout: "null",
  }).output();
  assert.ok(!success);
  assert.match(new TextDecoder().decode(stderr), /Did you mean 'progress'/);
});

Deno.test("new refuses a name that no script can have, and a folder that is there", async () => {
  using dir = new TemporaryDir();
  const run = (...args: string[]) => writ(["new", "--json", ...args], { cwd: dir.path });
  for (const name of ["Labels", "a_b", "-a", "a".repeat(65)]) {
    assert.equal(codeOf(await run("--", name)), "new_script", name);
  }
  assert.equal(codeOf(await run("labels", "--publisher", "Acme")), "new_script");
  dir.file("there/precious", "text");
  assert.equal(codeOf(await run("there")), "new_script");
  assert.deepEqual([...Deno.readDirSync(dir.path)].map(({ name }) => name), ["there"]);
});

Deno.test("new --types writes types again and touches nothing else", async () => {
  using dir = new TemporaryDir();
  dir.file("labels/mod.ts", "mine");
  dir.file("labels/.writ/mod.ts", "old");
  const ran = await writ(["new", "labels", "--types"], { cwd: dir.path });
  assert.equal(ran.exit, 0);
  assert.equal(Deno.readTextFileSync(`${dir.path}/labels/mod.ts`), "mine");
  assert.match(Deno.readTextFileSync(`${dir.path}/labels/.writ/mod.ts`), /interface Script/);
});

Deno.test("manifestFileSchema() knows the keys that a manifest.yaml may have, and no other", () => {
  const { properties, required } = manifestFileSchema() as {
    properties: Record<string, { properties?: Record<string, unknown> }>;
    required: string[];
  };
  const minimal = "publisher: a\nname: a\nversion: 1.0.0\nsequence: 1\nruntime: '*'\n";
  const isKnown = (line: string) => {
    try {
      parseManifestFile(minimal + line, "manifest.yaml");
      return true;
    } catch (error) {
      return !(error as Error).message.includes("is not a key");
    }
  };
  assert.equal(isKnown("nonsense: 1\n"), false);
  for (const key of Object.keys(properties).filter((key) => !required.includes(key))) {
    assert.ok(isKnown(`${key}: 1\n`), key);
  }
  for (const key of Object.keys(properties.limits!.properties!)) {
    assert.ok(isKnown(`limits: { ${key}: 1 }\n`), key);
  }
  let lacking = "";
  try {
    parseManifestFile("description: a\n", "manifest.yaml");
  } catch (error) {
    lacking = (error as Error).message;
  }
  for (const key of required) assert.match(lacking, new RegExp(`\\b${key}\\b`));
});
