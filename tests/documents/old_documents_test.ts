/** Signed documents that were good once, or elsewhere, shown to a whole agent. */
import assert from "node:assert/strict";
import { AGENT_LIMITS } from "../../runtime/agent/mod.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { instant, NOON } from "../agent/fixture.ts";
import { roleOf } from "../core/fixtures.ts";
import { Stage } from "./stage.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

Deno.test("rollback: a list from before a denial is refused, also after a restart", async () => {
  await using stage = await Stage.open();
  const { folder, test } = stage;
  assert.equal(await stage.run(), "ok");
  folder.list(2, { deny: [{ script: folder.fleet.script }] });
  await test.agent.reload();
  assert.equal(await stage.run(), "denied");
  folder.remove("acceptlist.2");
  await test.agent.reload();
  await stage.restart();
  assert.equal(await stage.run(), "denied");
  assert.deepEqual(stage.refusals(), ["version_rollback", "version_rollback"]);
});

Deno.test("rollback: a root from before an orderer was dropped is not followed again", async () => {
  await using stage = await Stage.open();
  const { folder, test } = stage;
  assert.equal(await stage.order(), "accepted");
  const first = Deno.readFileSync(`${folder.path}/signed/root.1.json`);
  folder.root(2, { orderers: {} });
  await test.agent.reload();
  folder.put("root", 2, first);
  await stage.restart();
  assert.equal(await stage.order(), "threshold");
  folder.put("root", 3, first);
  await test.agent.reload();
  assert.deepEqual(stage.refusals(), ["version_rollback"]);
});

Deno.test("freeze: without a newer list an agent stops when its list expires", () => {
  return stops("list", "expired");
});

Deno.test("freeze: without a newer root an agent stops when its root expires", () => {
  return stops("root", "expired");
});

/** Has an agent come to the end of a document, start again, and get the next one. */
async function stops(what: "list" | "root", refusal: string): Promise<void> {
  const expires = NOON + 10 * MINUTE;
  const old = { expires: instant(expires) };
  await using stage = await Stage.open((folder) => folder[what](2, old));
  const { folder, test } = stage;
  const late = { expires: instant(expires + DAY) };
  test.now = expires - 1;
  assert.equal(await stage.order(late), "accepted");
  test.now = expires;
  assert.equal(await stage.order(late), refusal);
  await stage.restart();
  assert.equal(await stage.order(late), refusal);
  assert.deepEqual(stage.refusals(), [refusal]);
  folder[what](3, { issued: instant(expires) });
  await test.agent.reload();
  assert.equal(await stage.order(late), "accepted");
}

Deno.test("freeze: an order that waited past the end of its list does not run", async (t) => {
  for (const [name, ends, outcome] of [["before", 1, "ok"], ["at", 0, "expired"]] as const) {
    await t.step(`it starts ${name} the end`, async () => {
      const at = NOON + 10 * MINUTE;
      const expires = instant(at + ends * 1000);
      await using stage = await Stage.open((folder) => folder.list(2, { expires }));
      const { test } = stage;
      const schedule = { at: instant(at) };
      const { run } = await test.order({ schedule, expires: instant(at + DAY) });
      await test.agent.stop();
      test.now = at;
      stage.folder.list(2, { expires });
      await test.start({ rules: stage.folder.rules });
      assert.equal(await stage.outcome(run), outcome);
    });
  }
});

Deno.test("fast-forward: a stolen accept key is undone by a root of the next epoch", async () => {
  await using stage = await Stage.open();
  const { folder, test } = stage;
  folder.list(999_999_999);
  await test.agent.reload();
  folder.remove("acceptlist.999999999");
  folder.list(2);
  await test.agent.reload();
  assert.deepEqual(stage.refusals(), ["version_rollback"]);
  const key = generateSigner();
  const roles = { root: roleOf([folder.rootKey]), accept: roleOf([key]) };
  folder.root(2, { epoch: 2, roles });
  folder.list(2, { epoch: 2 }, [key]);
  await stage.restart();
  assert.equal(await stage.run(), "ok");
  assert.deepEqual(stage.refusals(), ["version_rollback"]);
});

Deno.test("fast-forward: a stolen publisher key is undone by accepting a hash", async () => {
  await using stage = await Stage.open();
  const { folder, folder: { fleet }, test } = stage;
  fleet.publish("1.0.1", { sequence: Number.MAX_SAFE_INTEGER });
  assert.equal(await stage.run(), "ok");
  const next = fleet.publish("1.0.2", { sequence: 2 });
  test.now += AGENT_LIMITS.INDEX_FRESH_MS;
  const byHash = { name: fleet.script, sha256: next.digest };
  assert.equal(await stage.run({ script: byHash }), "sequence_rollback");
  folder.list(2, { accept: [{ script: fleet.script, sha256: next.digest }] });
  await test.agent.reload();
  assert.equal(await stage.run({ script: byHash }), "ok");
  assert.equal(await stage.run(), "ok", "and by range too");
});

Deno.test("mix-and-match: a list of one fleet under the root of another is refused", async () => {
  await using stage = await Stage.open();
  const { folder, test } = stage;
  folder.list(2, { fleet: "other" });
  await test.agent.reload();
  assert.deepEqual(stage.refusals(), ["wrong_fleet"]);
  folder.list(2, { fleet: "test", prev: null });
  await test.agent.reload();
  assert.deepEqual(stage.refusals(), ["wrong_fleet", "prev_mismatch"]);
  assert.equal(await stage.order(), "accepted", "by the list before");
});

Deno.test("same version, other bytes: the second list 2 is refused, also after a restart", async () => {
  await using stage = await Stage.open((folder) => folder.list(2));
  const { folder } = stage;
  const good = Deno.readFileSync(`${folder.path}/signed/acceptlist.2.json`);
  folder.list(2, { grants: [] });
  await stage.restart();
  assert.equal(await stage.order(), "accepted");
  assert.deepEqual(stage.refusals(), ["version_conflict"]);
  folder.put("acceptlist", 2, good);
  await stage.restart();
  assert.deepEqual(stage.refusals(), ["version_conflict"], "the same bytes are no conflict");
});
