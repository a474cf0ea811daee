import assert from "node:assert/strict";
import { packScript } from "../../runtime/author/mod.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { MANIFEST_YAML, MODULE, scriptFolder, withCode } from "./fixture.ts";

Deno.test("packScript() describes the very bytes of the module", async () => {
  using dir = scriptFolder();
  const { manifest, module, file, createdFrom } = await packScript(dir.path);
  const bytes = new TextEncoder().encode(MODULE);
  assert.deepEqual(module, bytes);
  assert.deepEqual(manifest.module, {
    sha256: digestOf(bytes),
    length: bytes.length,
    mediaType: "application/typescript",
  });
  assert.deepEqual([file, createdFrom], ["mod.ts", "manifest"]);
});

Deno.test("packScript() makes the same bytes from another copy of the same files", async () => {
  using one = scriptFolder();
  using two = scriptFolder();
  Deno.utimeSync(`${two.path}/mod.ts`, 1, 1);
  const [a, b] = [await packScript(one.path), await packScript(two.path)];
  assert.deepEqual(a.payload, b.payload);
  assert.deepEqual(a.module, b.module);
});

Deno.test("packScript() takes created from the option, the manifest, the newer file time", async () => {
  using dir = scriptFolder();
  const option = await packScript(dir.path, { created: "2027-01-01T00:00:00Z" });
  assert.equal(option.manifest.created, "2027-01-01T00:00:00Z");
  using bare = scriptFolder({ "manifest.yaml": MANIFEST_YAML.replace(/created.*\n/, "") });
  Deno.utimeSync(`${bare.path}/manifest.yaml`, 1_700_000_000, 1_700_000_000);
  Deno.utimeSync(`${bare.path}/mod.ts`, 1_700_000_060.9, 1_700_000_060.9);
  const times = await packScript(bare.path);
  assert.deepEqual([times.manifest.created, times.createdFrom], [
    "2023-11-14T22:14:20Z",
    "file times",
  ]);
});

Deno.test("packScript() packs JavaScript as JavaScript", async () => {
  using dir = scriptFolder({
    "manifest.yaml": MANIFEST_YAML + "module: main.js\n",
    "main.js": "export default { run: () => 1 };",
  });
  assert.equal((await packScript(dir.path)).manifest.module.mediaType, "text/javascript");
});

Deno.test("packScript() refuses early what an agent would refuse", async (t) => {
  const cases = [
    ["an import", 'import "node:fs"; export default { run() {} };', "module_import"],
    ["no default export", "export const run = 1;", "module_syntax"],
    ["nesting that ends a parser", `export default ${"(".repeat(5_000)}`, "module_syntax"],
  ] as const;
  for (const [name, source, code] of cases) {
    await t.step(name, async () => {
      using dir = scriptFolder({ "mod.ts": source });
      await assert.rejects(packScript(dir.path), withCode("VerificationError", code));
    });
  }
});

Deno.test("packScript() says which file is missing", async () => {
  using dir = scriptFolder();
  Deno.removeSync(`${dir.path}/mod.ts`);
  await assert.rejects(packScript(dir.path), withCode("AuthorError", "no_module"));
  Deno.removeSync(`${dir.path}/manifest.yaml`);
  await assert.rejects(packScript(dir.path), withCode("AuthorError", "no_manifest"));
});

Deno.test("packScript() refuses a created that no document may carry", async () => {
  using dir = scriptFolder();
  const created = "2026-02-30T00:00:00Z";
  const bad = packScript(dir.path, { created });
  await assert.rejects(bad, withCode("VerificationError", "bad_schema"));
});
