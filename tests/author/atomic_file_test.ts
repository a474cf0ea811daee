import assert from "node:assert/strict";
import { writeAtomically } from "../../runtime/author/atomic_file.ts";
import { TemporaryDir } from "../temporary_dir.ts";

Deno.test("writeAtomically() replaces a file whole, and leaves nothing else", async () => {
  using dir = new TemporaryDir();
  const path = dir.file("manifest.json", "old");
  await writeAtomically(path, "new");
  assert.equal(Deno.readTextFileSync(path), "new");
  assert.deepEqual([...Deno.readDirSync(dir.path)].map(({ name }) => name), ["manifest.json"]);
});

Deno.test("writeAtomically() leaves a folder that stands in its way as it is", async () => {
  using dir = new TemporaryDir();
  dir.file("taken/file", "old");
  await assert.rejects(writeAtomically(`${dir.path}/taken`, "new"));
  assert.equal(Deno.readTextFileSync(`${dir.path}/taken/file`), "old");
  assert.deepEqual([...Deno.readDirSync(dir.path)].map(({ name }) => name), ["taken"]);
});
