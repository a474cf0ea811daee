/** What nobody entitled signed, or somebody whose key was stolen, shown to a whole agent. */
import assert from "node:assert/strict";
import { ENVELOPE_BYTES, sealDocument } from "../../runtime/core/dsse.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { manifestPath, modulePath } from "../../runtime/core/source_layout.ts";
import { instant, NOON } from "../agent/fixture.ts";
import { roleOf } from "../core/fixtures.ts";
import { Stage } from "./stage.ts";

const MINUTE = 60_000;

Deno.test("mix-and-match: a manifest with the module of another version does not run", async () => {
  await using stage = await Stage.open();
  const { folder: { fleet } } = stage;
  const [first, second] = [fleet.publish("1.1.0", { sequence: 2 }), fleet.publish("1.2.0")];
  assert.equal(first.module.length, second.module.length);
  const script = { name: fleet.script, sha256: second.digest };
  fleet.files.set(modulePath(second.digest), first.module);
  assert.equal(await stage.run({ script }), "module_hash");
  fleet.files.set(modulePath(second.digest), second.module);
  assert.equal(await stage.run({ script }), "ok");
});

Deno.test("arbitrary install: a module that no list accepts does not run", async (t) => {
  await t.step("a manifest that its publisher did not sign", async () => {
    await using stage = await Stage.open();
    const { folder: { fleet }, test } = stage;
    const { manifest, envelope } = fleet.publish("2.0.0");
    const path = manifestPath(fleet.script, "2.0.0");
    const script = { name: fleet.script, range: "2.0.0" };
    fleet.files.set(path, sealDocument("manifest", manifest, [generateSigner()]));
    assert.equal(await stage.run({ script }), "threshold");
    assert.equal(test.runner.started.length, 0);
    fleet.files.set(path, envelope);
    assert.equal(await stage.run({ script }), "ok");
  });
  await t.step("a hash that is not the accepted one", async () => {
    await using stage = await Stage.open();
    const { folder, folder: { fleet }, test } = stage;
    const [pinned, other] = [fleet.publish("2.0.0"), fleet.publish("2.0.1")];
    folder.list(2, { accept: [{ script: fleet.script, sha256: pinned.digest }] });
    await test.agent.reload();
    const by = (sha256: typeof pinned.digest) => ({ script: { name: fleet.script, sha256 } });
    assert.equal(await stage.run(by(pinned.digest)), "ok");
    assert.equal(await stage.run(by(other.digest)), "not_accepted");
  });
  await t.step("a list that nobody of the role accept signed", async () => {
    await using stage = await Stage.open((folder) => folder.list(2, { accept: [] }));
    const { folder, test } = stage;
    assert.equal(await stage.run(), "not_accepted");
    folder.list(3, {}, [folder.fleet.operator]);
    await test.agent.reload();
    assert.equal(await stage.run(), "not_accepted");
    assert.deepEqual(stage.refusals(), ["threshold"]);
    folder.list(4);
    await test.agent.reload();
    assert.equal(await stage.run(), "ok");
  });
});

Deno.test("endless data: a list is read up to its limit, and an old one not at all", async () => {
  await using stage = await Stage.open();
  const { folder, test } = stage;
  const endless = new Uint8Array(ENVELOPE_BYTES.acceptlist + 1);
  folder.put("acceptlist", 2, endless);
  await test.agent.reload();
  assert.deepEqual(stage.refusals(), ["too_large"]);
  assert.equal(await stage.order(), "accepted");
  folder.put("acceptlist", 1, endless);
  folder.list(2, { grants: [] });
  await test.agent.reload();
  assert.equal(await stage.order(), "no_grant");
  assert.deepEqual(stage.refusals(), ["too_large"]);
});

Deno.test("key compromise: a publisher's revoked key runs nothing, not even what is cached", async () => {
  await using stage = await Stage.open();
  const { folder, folder: { fleet }, test } = stage;
  assert.equal(await stage.run(), "ok");
  const key = fleet.publisher.publicKey;
  const next = generateSigner().publicKey;
  folder.list(2, {
    publishers: {
      acme: { keys: [{ key, state: "revoked" }, { key: next, state: "active" }], threshold: 1 },
    },
  });
  await test.agent.reload();
  assert.equal(await stage.run(), "key_revoked");
  await stage.restart();
  assert.equal(await stage.run(), "key_revoked");
});

Deno.test("key compromise: an orderer's key that a root drops ends the orders that wait", async (t) => {
  for (const isDropped of [false, true]) {
    await t.step(isDropped ? "dropped" : "kept", async () => {
      await using stage = await Stage.open();
      const { folder, test } = stage;
      const at = NOON + MINUTE;
      const { run } = await test.order({ schedule: { at: instant(at) } });
      const orderers = { operator: roleOf([isDropped ? generateSigner() : folder.fleet.operator]) };
      folder.root(2, { orderers });
      await test.agent.stop();
      test.now = at;
      await test.start({ rules: folder.rules });
      assert.equal(await stage.outcome(run), isDropped ? "threshold" : "ok");
    });
  }
});

Deno.test("key compromise: a root ends the list of a stolen accept key at once", async () => {
  await using stage = await Stage.open();
  const { folder, test } = stage;
  const key = generateSigner();
  const roles = { root: roleOf([folder.rootKey]), accept: roleOf([key]) };
  folder.root(2, { roles });
  await test.agent.reload();
  assert.equal(await stage.order(), "no_grant", "while the new list is withheld");
  folder.remove("root.2");
  folder.list(2);
  await stage.restart();
  assert.equal(await stage.order(), "no_grant", "when the root is taken away again");
  folder.list(3, {}, [key]);
  await test.agent.reload();
  assert.equal(await stage.order(), "accepted");
  assert.deepEqual(stage.refusals(), ["threshold", "threshold"]);
});
