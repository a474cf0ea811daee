import assert from "node:assert/strict";
import { checkPolicyDir, loadPolicyDir, PolicyError } from "../../runtime/policy/mod.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { brief, goodFiles, newKey, policyFolder } from "./fixture.ts";

const AGENT = keyId(generateSigner().publicKey);

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
