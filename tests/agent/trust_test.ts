import assert from "node:assert/strict";
import { generateSigner } from "../../runtime/core/key.ts";
import { AuditReader } from "../../runtime/agent/audit/audit_reader.ts";
import { TestAgent } from "./agent_fixture.ts";
import { instant, NOON } from "./fixture.ts";
import { SignedFolder } from "./signed_folder.ts";

/** Whether an order is accepted. */
async function accepts(test: TestAgent): Promise<boolean> {
  const response = await test.send(test.fleet.order(test.agent.id).envelope);
  await response.body?.cancel();
  return response.status === 202;
}

Deno.test("a signed list is the policy, and every version of it is kept", async () => {
  using folder = new SignedFolder();
  await using test = await TestAgent.start({ rules: folder.rules }, folder.fleet);
  assert.equal((await test.ended((await test.order()).run)).outcome?.outcome, "ok");
  const second = folder.list(2);
  await test.agent.reload();
  assert.deepEqual(await (await test.ask("/v1/acceptlists/2")).bytes(), second);
  assert.equal((await test.ask("/v1/acceptlists/1")).status, 200);
  assert.equal((await test.ask("/v1/acceptlists/3")).status, 404);
  assert.equal((await fetch(`${test.agent.url}/v1/roots/1`)).status, 200);
});

Deno.test("a list that takes a grant away takes it away at once", async () => {
  using folder = new SignedFolder();
  await using test = await TestAgent.start({ rules: folder.rules }, folder.fleet);
  assert.ok(await accepts(test));
  folder.list(2, { grants: [] });
  await test.agent.reload();
  assert.ok(!await accepts(test));
});

Deno.test("a bad list leaves the last one in force, and is written down", async (t) => {
  const cases: [string, (folder: SignedFolder) => void, string][] = [
    ["rolled back", (folder) => folder.remove("acceptlist.2"), "version_rollback"],
    [
      "the same version with other content",
      (folder) => folder.list(2, { grants: [] }),
      "version_conflict",
    ],
    ["signed by another", (folder) => folder.list(3, {}, [generateSigner()]), "threshold"],
    ["expired", (folder) => folder.list(3, { expires: instant(NOON - 1) }), "expired"],
    ["of another fleet", (folder) => folder.list(3, { fleet: "other" }), "wrong_fleet"],
    ["cut off from the last", (folder) => folder.list(3, { prev: null }), "prev_mismatch"],
  ];
  for (const [name, spoil, code] of cases) {
    await t.step(name, async () => {
      using folder = new SignedFolder();
      folder.list(2);
      await using test = await TestAgent.start({ rules: folder.rules }, folder.fleet);
      spoil(folder);
      await test.agent.reload();
      assert.ok(await accepts(test));
      await test.agent.stop();
      await test.start({ rules: folder.rules });
      assert.ok(await accepts(test), "also after a restart");
      using audit = AuditReader.open(test.stateDir);
      const refused = audit.tail(100).filter(({ event }) => event === "policy_refused");
      assert.deepEqual(refused.map(({ detail }) => JSON.parse(detail).code), [code, code]);
    });
  }
});

Deno.test("an expired list stops everything, and no clock set back revives it", async () => {
  using folder = new SignedFolder();
  folder.list(2, { expires: instant(NOON + 60_000) });
  await using test = await TestAgent.start({ rules: folder.rules }, folder.fleet);
  assert.ok(await accepts(test));
  test.now = NOON + 60_000;
  assert.ok(!await accepts(test));
  folder.list(3, { issued: instant(NOON + 60_000) });
  await test.agent.reload();
  folder.list(4, { issued: instant(NOON + 60_000), expires: instant(NOON + 61_000) });
  await test.agent.reload();
  test.now = NOON + 61_000;
  assert.ok(!await accepts(test));
  test.now = NOON;
  const order = { issued: instant(NOON + 60_000) };
  const { envelope } = test.fleet.order(test.agent.id, order);
  assert.equal((await test.send(envelope)).status, 202, "no earlier than the newest list");
});

Deno.test("a root that its predecessor signed is followed, another is not", async () => {
  using folder = new SignedFolder();
  await using test = await TestAgent.start({ rules: folder.rules }, folder.fleet);
  folder.root(2, { orderers: {} }, [generateSigner()]);
  await test.agent.reload();
  assert.ok(await accepts(test));
  folder.root(2, { orderers: {} });
  await test.agent.reload();
  assert.ok(!await accepts(test));
  folder.remove("root.2");
  await test.agent.stop();
  await test.start({ rules: folder.rules });
  assert.ok(!await accepts(test), "a removed root does not bring the old one back");
});

Deno.test("startAgent() refuses a folder without a root or of another fleet", async (t) => {
  const cases: [string, (folder: SignedFolder) => void, string][] = [
    ["no root", (folder) => folder.remove("root.1"), "policy"],
    ["no list", (folder) => folder.remove("acceptlist.1"), "policy"],
    ["another fleet", (folder) => folder.root(1, { fleet: "other" }), "policy"],
  ];
  for (const [name, spoil, code] of cases) {
    await t.step(name, async () => {
      using folder = new SignedFolder();
      spoil(folder);
      await assert.rejects(TestAgent.start({ rules: folder.rules }, folder.fleet), { code });
    });
  }
});
