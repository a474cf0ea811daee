import assert from "node:assert/strict";
import type { TestResult, TryReport } from "../../runtime/author/mod.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { writ } from "./test_io.ts";

/** Runs `writ try` on a `run` of this body. */
async function tried(body: string, grant?: string) {
  using dir = new TemporaryDir();
  dir.file("mod.js", `export default { async run(input, ctx) { ${body} } };`);
  if (grant !== undefined) dir.file("grant.yaml", grant);
  const args = grant === undefined ? [] : ["--grant", "grant.yaml"];
  const ran = await writ(["try", "mod.js", "--json", ...args], { cwd: dir.path });
  return ran.json<TryReport>();
}

Deno.test("try lends what the grant names, with its quotas", async (t) => {
  await t.step("a store", async () => {
    const { result, detail } = await tried(
      `await ctx.store.set("a", { n: 1 });
       await ctx.store.add("count", 2);
       const full = await ctx.store.set("b", "x".repeat(2_000)).catch((error) => error.code);
       return [await ctx.store.get("a"), await ctx.store.get("count"), full];`,
      "capabilities: { store: { quota: 1 kB } }\n",
    );
    assert.deepEqual(result, [{ n: 1 }, 2, "quota"], JSON.stringify(detail));
  });
  await t.step("documents", async () => {
    const { result, detail } = await tried(
      `const { sha256 } = await ctx.blobs.put(new TextEncoder().encode("hello"));
       const found = await ctx.blobs.get(sha256);
       return [new TextDecoder().decode(await found.bytes()), found.length, await ctx.blobs.delete(sha256)];`,
      "capabilities: { blobs: {} }\n",
    );
    assert.deepEqual(result, ["hello", 5, true], JSON.stringify(detail));
  });
  await t.step("a directory, which is gone afterwards", async () => {
    const { result, detail } = await tried(
      `Deno.writeTextFileSync(ctx.dir.path + "/a", "hello");
       return [ctx.dir.path, Deno.readTextFileSync(ctx.dir.path + "/a")];`,
      "capabilities: { dir: {} }\n",
    );
    const [path, text] = result as string[] ?? [];
    assert.equal(text, "hello", JSON.stringify(detail));
    await assert.rejects(Deno.stat(path!), Deno.errors.NotFound);
  });
  await t.step("settings", async () => {
    const { result } = await tried("return ctx.settings;", 'settings: { queues: ["a"] }\n');
    assert.deepEqual(result, { queues: ["a"] });
  });
  await t.step("and without a grant what the manifest asks for, with no permission", async () => {
    using dir = new TemporaryDir();
    dir.file(
      "mod.js",
      `export default { async run(_, ctx) {
      await ctx.store.set("a", 1);
      const net = await Deno.connect({ port: 1 }).catch(({ name }) => name);
      return [await ctx.store.get("a"), typeof ctx.blobs, net];
    } };`,
    );
    dir.file(
      "manifest.yaml",
      "publisher: acme\nname: keeps\nversion: 1.0.0\nsequence: 1\nmodule: mod.js\n" +
        "runtime: '*'\ncapabilities: [store]\nrequests: [{ permission: net, value: '127.0.0.1:1', reason: a test }]\n",
    );
    const ran = await writ(["try", "mod.js", "--json"], { cwd: dir.path });
    const { result, detail } = ran.json<TryReport>();
    assert.deepEqual(result, [1, "undefined", "NotCapable"], JSON.stringify(detail) + ran.stderr);
  });
  await t.step("and nothing else", async () => {
    const { result } = await tried(
      "return [typeof ctx.store, typeof ctx.blobs, typeof ctx.dir, typeof ctx.settings];",
    );
    assert.deepEqual(result, ["undefined", "undefined", "undefined", "undefined"]);
    const grant = "capabilities: { dir: {} }\n";
    const { outcome } = await tried(
      'return Deno.readTextFileSync(ctx.dir.path + "/../blobs/x");',
      grant,
    );
    assert.equal(outcome, "denied");
  });
});

Deno.test("try writes down what a script schedules", async () => {
  const { scheduled } = await tried(
    `await ctx.schedule(0, { n: 1 }, { key: "a" });
     await ctx.schedule(1_000, { n: 2 }, { key: "a" });
     await ctx.schedule(2_000, null, { key: "b" });
     await ctx.unschedule("b");
     await ctx.schedule(3_000, "c");`,
  );
  assert.deepEqual(scheduled, [
    { at: "1970-01-01T00:00:01.000Z", key: "a", input: { n: 2 } },
    { at: "1970-01-01T00:00:03.000Z", key: null, input: "c" },
  ]);
});

Deno.test("test lends what the manifest asks for", async () => {
  using dir = new TemporaryDir();
  const manifest = "publisher: acme\nname: hello\nversion: 1.0.0\nsequence: 1\n" +
    'runtime: ">=0.1.0 <1.0.0"\ncreated: 2026-03-01T12:00:00Z\ncapabilities: [store]\n';
  dir.file("manifest.yaml", manifest);
  dir.file("mod.ts", "export default { run: () => 1 };\n");
  dir.file(
    "mod_test.ts",
    `import { test } from "writ/test";
     test("store", async (ctx) => { await ctx.store.set("a", 1); });
     test("blobs", async (ctx) => { await ctx.blobs.put(new Uint8Array(1)); });`,
  );
  const ran = await writ(["test", "--json"], { cwd: dir.path });
  const { tests } = ran.json<{ tests: TestResult[] }>();
  assert.deepEqual(tests.map(({ name, state }) => [name, state]), [
    ["store", "ok"],
    ["blobs", "failed"],
  ]);
});
