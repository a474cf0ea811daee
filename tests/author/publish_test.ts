import assert from "node:assert/strict";
import {
  type PackedScript,
  packScript,
  publishTo,
  signDocument,
} from "../../runtime/author/mod.ts";
import { canonicalBytes } from "../../runtime/core/canonical_json.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { openSource, parseVersionIndex } from "../../runtime/agent/mod.ts";
import { indexPath, manifestPath, modulePath } from "../../runtime/core/source_layout.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { MODULE, scriptFolder, withCode } from "./fixture.ts";

const signer = generateSigner();

const packs = new Map<string, Promise<PackedScript>>();

/** Packed once, as that takes long; none of what publishing looks at is in the module. */
function packed(source: string): Promise<PackedScript> {
  const pack = async () => {
    using dir = scriptFolder({ "mod.ts": source });
    return await packScript(dir.path);
  };
  const script = packs.get(source) ?? pack();
  packs.set(source, script);
  return script;
}

async function signed(version = "1.4.0", by = [signer], source = MODULE, sequence = 3) {
  const { payload, module } = await packed(source);
  const manifest = JSON.parse(new TextDecoder().decode(payload));
  const changed = canonicalBytes({ ...manifest, version, sequence });
  return { envelope: signDocument(changed, by, "manifest.json").envelope, module };
}

Deno.test("publishTo() lays scripts out as a source of an agent finds them", async () => {
  using to = new TemporaryDir();
  const script = await signed();
  const { module } = await publishTo(to.path, script);
  const source = openSource(to.path);
  const read = (path: string) => source.read(path, 1 << 20);
  const index = parseVersionIndex((await read(indexPath("acme/hello")))!, "index");
  assert.deepEqual(index, [{ version: "1.4.0", sha256: module }]);
  assert.deepEqual(await read(manifestPath("acme/hello", "1.4.0")), script.envelope);
  assert.deepEqual(await read(modulePath(module)), script.module);
});

Deno.test("publishTo() lists versions by precedence, whatever the sequence they came in", async () => {
  using to = new TemporaryDir();
  for (const [i, version] of ["1.10.0", "1.9.0", "1.9.0-rc.1", "2.0.0"].entries()) {
    await publishTo(to.path, await signed(version, [signer], undefined, i + 1));
  }
  const index = JSON.parse(Deno.readTextFileSync(`${to.path}/${indexPath("acme/hello")}`));
  assert.deepEqual(index.versions.map((entry: { version: string }) => entry.version), [
    "1.9.0-rc.1",
    "1.9.0",
    "1.10.0",
    "2.0.0",
  ]);
});

Deno.test("publishTo() takes one release from many at once, and writes it once", async () => {
  using to = new TemporaryDir();
  const script = await signed();
  const all = await Promise.all(Array.from({ length: 4 }, () => publishTo(to.path, script)));
  assert.equal(all.filter(({ written }) => written.length > 0).length, 1);
});

Deno.test("publishTo() refuses a release whose sequence does not rise", async () => {
  using to = new TemporaryDir();
  await publishTo(to.path, await signed("1.4.0", [signer], undefined, 3));
  await publishTo(to.path, await signed("1.3.9", [signer], undefined, 4));
  for (const sequence of [3, 4]) {
    await assert.rejects(
      publishTo(to.path, await signed("1.5.0", [signer], undefined, sequence)),
      withCode("AuthorError", "sequence_published"),
    );
  }
});

Deno.test("publishTo() changes nothing the second time, and mends a damaged module", async () => {
  using to = new TemporaryDir();
  const script = await signed();
  const { module, written } = await publishTo(to.path, script);
  assert.equal(written.length, 3);
  assert.deepEqual((await publishTo(to.path, script)).written, []);
  Deno.writeTextFileSync(`${to.path}/${modulePath(module)}`, "damaged");
  assert.deepEqual((await publishTo(to.path, script)).written, [modulePath(module)]);
});

Deno.test("publishTo() takes a further signature and refuses to lose one", async () => {
  using to = new TemporaryDir();
  const second = generateSigner();
  await publishTo(to.path, await signed());
  await publishTo(to.path, await signed("1.4.0", [signer, second]));
  await assert.rejects(
    publishTo(to.path, await signed("1.4.0", [second])),
    withCode("AuthorError", "version_published"),
  );
});

Deno.test("publishTo() never replaces a version", async () => {
  using to = new TemporaryDir();
  await publishTo(to.path, await signed());
  const other = await signed("1.4.0", [signer], "export default { run: () => 2 };");
  await assert.rejects(publishTo(to.path, other), withCode("AuthorError", "version_published"));
});

Deno.test("publishTo() refuses a module that is not the signed one and leaves nothing behind", async () => {
  using to = new TemporaryDir();
  const { envelope, module } = await signed();
  const changed = module.with(0, module[0]! ^ 1);
  await assert.rejects(
    publishTo(to.path, { envelope, module: changed }),
    withCode("VerificationError", "module_hash"),
  );
  assert.deepEqual([...Deno.readDirSync(to.path)], []);
});
