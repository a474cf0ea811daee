import assert from "node:assert/strict";
import { checkPolicyDir, loadPolicyDir, narrowPolicy } from "../../runtime/policy/mod.ts";
import { brief, goodFiles, policyFolder } from "./fixture.ts";

Deno.test("loadPolicyDir() lets a local folder only narrow a signed list", async (t) => {
  const fleet = `fleet: office
mode: signed
root: root
ceiling: { permissions: { net: ["192.168.1.20:631"] } }
`;
  const deny = "deny: [{ script: acme/print, reason: not here }]\n";
  await t.step("deny and ceiling", async () => {
    await using folder = await policyFolder({ "fleet.yaml": fleet, "accept.yaml": deny });
    const loaded = await loadPolicyDir(folder.dir);
    assert.ok(loaded.mode === "signed");
    assert.equal(loaded.root, `${folder.dir}/root`);
    await using local = await policyFolder(goodFiles());
    const signed = await loadPolicyDir(local.dir);
    assert.ok(signed.mode === "local");
    const narrowed = narrowPolicy(signed.policy, loaded.narrowing);
    assert.deepEqual(narrowed.deny, [{ script: "acme/print", reason: "not here" }]);
    assert.deepEqual(narrowed.ceiling.permissions, {
      net: [{ address: "192.168.1.20:631", internal: false }],
    });
    assert.notEqual(narrowed.digest, signed.policy.digest);
  });
  const more: [string, Record<string, string>, string][] = [
    ["publishers", { "accept.yaml": "publishers: {}" }, "only_narrows publishers:1"],
    ["accept", { "accept.yaml": "accept: []" }, "only_narrows accept:1"],
    ["grants", { "grants/a.yaml": "script: a/b\norders: [x]" }, "only_narrows :1"],
    ["orderers", { "fleet.yaml": `${fleet}orderers: {}` }, "unknown_key orderers:5"],
  ];
  for (const [what, files, mistake] of more) {
    await t.step(`not ${what}`, async () => {
      await using folder = await policyFolder({ "fleet.yaml": fleet, ...files });
      assert.deepEqual(brief((await checkPolicyDir(folder.dir)).mistakes), [mistake]);
    });
  }
});

Deno.test("audit-mode is part of the policy in both modes, and of its digest", async () => {
  const files = goodFiles();
  const load = async (fleet: string) => {
    await using folder = await policyFolder({ ...files, "fleet.yaml": fleet });
    return await loadPolicyDir(folder.dir);
  };
  const plain = await load(files["fleet.yaml"]!);
  const audited = await load(`${files["fleet.yaml"]}audit-mode: true\n`);
  assert.ok(plain.mode === "local" && audited.mode === "local");
  assert.deepEqual([plain.policy.auditMode, audited.policy.auditMode], [undefined, true]);
  assert.notEqual(plain.policy.digest, audited.policy.digest);
  const signed = "fleet: office\nmode: signed\nroot: signed\n";
  delete files["accept.yaml"];
  delete files["grants/print.yaml"];
  const { narrowing } = await load(`${signed}audit-mode: true\n`);
  assert.equal(narrowPolicy(plain.policy, narrowing).auditMode, true);
  const { narrowing: none } = await load(`${signed}audit-mode: false\n`);
  assert.equal(narrowPolicy(plain.policy, none).auditMode, undefined);
});
