import assert from "node:assert/strict";
import { checkPolicyDir, loadPolicyDir } from "../../runtime/policy/mod.ts";
import { goodFiles, newKey, policyFolder } from "./fixture.ts";

Deno.test("loadPolicyDir() makes a policy of a local folder", async () => {
  const key = newKey();
  await using folder = await policyFolder(goodFiles(key));
  const loaded = await loadPolicyDir(folder.dir);
  assert.ok(loaded.mode === "local");
  const { policy, fleet } = loaded;
  assert.equal(policy.fleet, "office");
  assert.deepEqual([...policy.orderers.keys()], ["operator", "hub"]);
  assert.deepEqual(policy.publishers.get("acme"), {
    keys: [{ key, state: "active" }],
    threshold: 1,
  });
  // The failsafe schema keeps 1.10 from becoming the number 1.1.
  assert.deepEqual(policy.accept, [{ script: "acme/print", range: "^1.10" }]);
  assert.equal(policy.grants.get("acme/print")?.limits.memoryBytes, 128e6);
  assert.equal(policy.ceiling.limits.runs, 8);
  assert.equal(policy.expires, undefined);
  assert.match(policy.digest, /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual(fleet.sources, [
    { kind: "http", url: "https://scripts.example/" },
    { kind: "directory", path: `${folder.dir}/dist` },
  ]);
  assert.deepEqual(fleet.listen, { hostname: "127.0.0.1", port: 0 });
  assert.deepEqual(fleet.hosts, []);
  assert.deepEqual(loaded.files.map((f) => f.name), [
    "accept.yaml",
    "fleet.yaml",
    "grants/print.yaml",
  ]);
  assert.deepEqual(loaded.warnings, []);
});

Deno.test("loadPolicyDir() gives the same digest for the same rules, another for others", async () => {
  const files = goodFiles();
  const digests = [];
  for (const change of ["", "# a comment\n", "deny: [{ script: acme/old, reason: gone }]\n"]) {
    await using folder = await policyFolder({
      ...files,
      "accept.yaml": files["accept.yaml"] + change,
    });
    const loaded = await loadPolicyDir(folder.dir);
    assert.ok(loaded.mode === "local");
    digests.push(loaded.policy.digest);
  }
  assert.equal(digests[0], digests[1]);
  assert.notEqual(digests[0], digests[2]);
});

Deno.test("loadPolicyDir() reads accept.yaml in every form", async () => {
  const [a, b, c] = [newKey(), newKey(), newKey()];
  const id = `writ-key:${"A".repeat(43)}`;
  await using folder = await policyFolder({
    ...goodFiles(),
    "accept.yaml": `publishers:
  acme:
    keys:
      - ${a}
      - { key: ${b}, state: retired, max-sequence: 7 }
      - { key: ${c}, state: revoked }
    threshold: 2
accept:
  - { script: acme/print, sha256: "sha256:${"0".repeat(64)}" }
  - { script: acme/print, range: ">=1 <2", min-sequence: 3 }
deny:
  - { key: ${c}, reason: stolen }
  - { sha256: "sha256:${"1".repeat(64)}", reason: bug }
  - { script: acme/print, range: <1.2, reason: bug }
labels:
  ${id}: [printers, floor-2]
expires: 2030-01-01T00:00:00Z
`,
  });
  const loaded = await loadPolicyDir(folder.dir);
  assert.ok(loaded.mode === "local");
  assert.deepEqual(loaded.policy.publishers.get("acme")?.keys, [
    { key: a, state: "active" },
    { key: b, state: "retired", maxSequence: 7 },
    { key: c, state: "revoked" },
  ]);
  assert.deepEqual(loaded.policy.accept[1], {
    script: "acme/print",
    range: ">=1 <2",
    minSequence: 3,
  });
  assert.deepEqual(loaded.policy.deny[2], {
    script: "acme/print",
    reason: "bug",
    range: "<1.2",
  });
  assert.deepEqual(loaded.policy.labels.get(id as `writ-key:${string}`), ["printers", "floor-2"]);
  assert.equal(loaded.policy.expires, Date.parse("2030-01-01T00:00:00Z"));
});

Deno.test("checkPolicyDir() keeps grants from the policy folder and from what it is told", async (t) => {
  const good = goodFiles();
  const wide = good["fleet.yaml"]!.replace("permissions: {", "permissions: { read: [/srv],");
  for (const place of ["policy folder", "state"]) {
    await t.step(place, async () => {
      await using folder = await policyFolder(good);
      const path = place === "state" ? "/srv/state" : folder.dir;
      await Deno.writeTextFile(
        `${folder.dir}/grants/print.yaml`,
        `script: acme/print\norders: [hub]\npermissions: { read: [${path}/grants] }\n`,
      );
      await Deno.writeTextFile(`${folder.dir}/fleet.yaml`, wide);
      const { mistakes } = await checkPolicyDir(folder.dir, { kept: ["/srv/state"] });
      assert.ok(mistakes.some((m) => m.code === "needs_unsafe"));
    });
  }
});

Deno.test({
  name: "checkPolicyDir() warns where it may not ask who runs it",
  ignore: Deno.build.os === "windows",
  permissions: { read: true, write: true, env: true, sys: false },
  fn: async () => {
    await using folder = await policyFolder(goodFiles());
    const { warnings, loaded } = await checkPolicyDir(folder.dir);
    assert.deepEqual(warnings.map((w) => w.code), ["insecure_permissions"]);
    assert.ok(loaded);
  },
});

Deno.test("loadPolicyDir() takes a listener that others reach, under its names", async (t) => {
  const files = goodFiles();
  const listeners: [string, string][] = [
    ["0.0.0.0:8443", "0.0.0.0"],
    ['"[::]:8443"', "::"],
    ["192.168.1.20:8443", "192.168.1.20"],
    ['"[2001:db8::7]:8443"', "2001:db8::7"],
  ];
  for (const [written, hostname] of listeners) {
    await t.step(written, async () => {
      const more =
        'hosts: [agent.example, "[2001:db8::7]", 10.0.0.7]\ntls: { cert: a.pem, key: a.key }\n';
      const fleetYaml = files["fleet.yaml"]!.replace("127.0.0.1:0", written) + more;
      await using folder = await policyFolder({ ...files, "fleet.yaml": fleetYaml });
      const { fleet } = await loadPolicyDir(folder.dir, { kept: [] });
      assert.deepEqual(fleet.listen, { hostname, port: 8443 });
      assert.deepEqual(fleet.hosts, ["agent.example", "2001:db8::7", "10.0.0.7"]);
      assert.deepEqual(fleet.tls, { cert: "a.pem", key: "a.key" });
    });
  }
});
