import assert from "node:assert/strict";
import {
  checkPolicyDir,
  loadPolicyDir,
  narrowPolicy,
  PolicyError,
} from "../../runtime/policy/mod.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { brief, goodFiles, newKey, policyFolder } from "./fixture.ts";

const AGENT = keyId(generateSigner().publicKey);

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

Deno.test("loadPolicyDir() finds what only all files together show", async (t) => {
  const key = newKey();
  const good = goodFiles(key);
  const grant = good["grants/print.yaml"]!;
  const accept = good["accept.yaml"]!;
  const fleet = good["fleet.yaml"]!;
  const cases: [what: string, files: Record<string, string>, mistakes: string[]][] = [
    [
      "an orderer nobody defined",
      { "grants/print.yaml": grant.replace("operator", "operater") },
      ["unknown_name orders[1]:2"],
    ],
    ["two grants for one script", { "grants/z.yaml": grant }, ["duplicate script:1"]],
    [
      "an accept entry of an unknown publisher",
      { "accept.yaml": accept.replace("acme/print", "acmee/print") },
      ["unknown_name accept[0].script:4"],
    ],
    [
      "a grant beyond the ceiling",
      {
        "grants/print.yaml": grant.replace("192.168.1.20:631", "192.168.1.21:631")
          .replace("128 MB", "512 MB").replace("runs: 4", "runs: 9"),
      },
      [
        "beyond_ceiling permissions.net[0]:4",
        "beyond_ceiling limits.memory:5",
        "beyond_ceiling limits.runs:5",
      ],
    ],
    [
      "no ceiling at all",
      { "fleet.yaml": fleet.replace(/ceiling:\n.*\n.*\n/, "") },
      [
        "beyond_ceiling permissions.net[0]:4",
        "beyond_ceiling limits.memory:5",
        "beyond_ceiling limits.cpu:5",
        "beyond_ceiling limits.wall:5",
        "beyond_ceiling limits.output:5",
        "beyond_ceiling limits.runs:5",
      ],
    ],
    [
      "services beyond the ceiling",
      {
        "fleet.yaml": fleet.replace(
          "  permissions:",
          "  capabilities: { store: {}, dir: { quota: 1 MB } }\n  serve: { allow: [loopback] }\n" +
            "  permissions:",
        ),
        "grants/print.yaml": `${grant}serve: { allow: [loopback, public], body: 1 MB }
capabilities:
  store: { quota: 11 MB }
  dir: {}
  blobs: {}
`,
      },
      [
        "beyond_ceiling serve.allow[1]:6",
        "beyond_ceiling capabilities.store.quota:8",
        "beyond_ceiling capabilities.dir.quota:9",
        "beyond_ceiling capabilities.blobs:10",
      ],
    ],
    [
      "a ceiling of services that are none",
      {
        "fleet.yaml": fleet.replace(
          "  permissions:",
          "  capabilities: { stor: {}, peers: { quota: 1 MB } }\n  serve: [loopback]\n  permissions:",
        ),
      },
      [
        "unknown_key ceiling.capabilities.stor:7",
        "unknown_key ceiling.capabilities.peers.quota:7",
        "bad_type ceiling.serve:8",
      ],
    ],
    [
      "unsafe beyond the ceiling",
      {
        "grants/print.yaml": grant.replace(
          "limits:",
          "  unsafe: [{ permission: run, value: /bin/sh, reason: x }]\nlimits:",
        ),
      },
      ["beyond_ceiling permissions.unsafe[0]:5"],
    ],
    [
      "mistakes in three files at once",
      {
        "fleet.yaml": `${fleet}pears: []\n`,
        "accept.yaml": `${accept}extra: 1\n`,
        "grants/print.yaml": `${grant}more: 1\n`,
      },
      ["unknown_key extra:5", "unknown_key pears:11", "unknown_key more:6"],
    ],
    [
      "a peer without TLS that is not on this machine",
      {
        "fleet.yaml": `${fleet}peers: [{ name: b, url: "http://10.0.0.2:8799", id: ${AGENT} }]\n`,
      },
      ["bad_value peers[0].url:11"],
    ],
    [
      "two peers of one name",
      {
        "fleet.yaml": `${fleet}peers:
  - { name: b, url: "https://b.example", id: ${AGENT} }
  - { name: b, url: "https://c.example", id: ${keyId(generateSigner().publicKey)} }
`,
      },
      ["duplicate peers[1]:13"],
    ],
    [
      "an orderer by the word for what scripts schedule",
      { "fleet.yaml": fleet.replace("operator:", `script: { keys: ["${key}"] }\n  operator:`) },
      ["bad_value orderers.script:4"],
    ],
    [
      "no orderers in local mode",
      { "fleet.yaml": fleet.replace(/orderers:\n.*\n.*\n/, "") },
      ["missing_key orderers:1", "unknown_name orders[0]:2", "unknown_name orders[1]:2"],
    ],
    ["a root in local mode", { "fleet.yaml": `${fleet}root: root\n` }, ["unknown_key root:11"]],
    [
      "a threshold beyond the keys",
      { "accept.yaml": accept.replace("threshold: 1", "threshold: 2") },
      ["threshold publishers.acme.threshold:2"],
    ],
    [
      "a publisher without keys",
      { "accept.yaml": accept.replace(`"${key}"`, "") },
      ["bad_value publishers.acme.keys:2"],
    ],
    [
      "the same key twice",
      { "accept.yaml": accept.replace(`"${key}"`, `"${key}", { key: "${key}", state: retired }`) },
      ["duplicate publishers.acme.keys:2"],
    ],
    [
      "a private key for a public one",
      { "accept.yaml": accept.replace(key, `MC4CAQAwBQYDK2VwBCIEI${"A".repeat(43)}`) },
      ["private_key publishers.acme.keys[0]:2"],
    ],
    [
      "a key of small order",
      { "accept.yaml": accept.replace(key, `ed25519:${"A".repeat(43)}`) },
      ["low_order_key publishers.acme.keys[0]:2"],
    ],
    [
      "a range that is none",
      { "accept.yaml": accept.replace("^1.10", "one") },
      ["bad_value accept[0].range:4"],
    ],
    [
      "a listener for everybody, under no name",
      { "fleet.yaml": fleet.replace("127.0.0.1:0", "0.0.0.0:0") },
      ["missing_key hosts:1"],
    ],
    [
      "a listener without a port",
      { "fleet.yaml": fleet.replace("127.0.0.1:0", "127.0.0.1") },
      ["bad_value listen:10"],
    ],
    [
      "a name with a port, and half a certificate",
      { "fleet.yaml": `${fleet}hosts: ["agent.example:8443"]\ntls: { cert: agent.pem }\n` },
      ["bad_value hosts[0]:11", "missing_key tls.key:12"],
    ],
    [
      "a source with a password",
      { "fleet.yaml": fleet.replace("https://", "https://me:pw@") },
      ["bad_value sources[0]:9"],
    ],
  ];
  for (const [what, changed, mistakes] of cases) {
    await t.step(what, async () => {
      await using folder = await policyFolder({ ...good, ...changed });
      const result = await checkPolicyDir(folder.dir);
      assert.deepEqual(brief(result.mistakes), mistakes);
      assert.equal(result.loaded, undefined);
      await assert.rejects(loadPolicyDir(folder.dir), PolicyError);
    });
  }
});

Deno.test("checkPolicyDir() warns of rules that do nothing, and still loads", async () => {
  const files = goodFiles();
  await using folder = await policyFolder({
    ...files,
    "accept.yaml": files["accept.yaml"]!.replace("acme/print", "acme/prnt") +
      "deny: [{ script: acme/prnt, reason: gone }]\n",
  });
  const { warnings, loaded } = await checkPolicyDir(folder.dir);
  assert.deepEqual(brief(warnings), [
    "useless_rule accept[0].script:4",
    "useless_rule accept[0]:4",
    "useless_rule script:1",
  ]);
  assert.ok(loaded);
});

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
