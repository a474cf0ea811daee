import assert from "node:assert/strict";
import { FleetFolder } from "./fleet_folder.ts";

type Failed = { error: { code: string } };

/** A script of a publisher that the fleet does not know, and a ceiling that has room for it. */
async function withForeignScript(ceiling = '["example.com:443"]'): Promise<FleetFolder> {
  const fleet = await FleetFolder.make();
  const fleetYaml = fleet.read("policy/fleet.yaml");
  fleet.file("policy/fleet.yaml", fleetYaml.replace("net: []", `net: ${ceiling}`));
  await fleet.done("keygen", "acme");
  fleet.file("acme/mod.ts", "export default { run: () => 1 };\n");
  fleet.file(
    "acme/manifest.yaml",
    `publisher: acme
name: count
version: 2.1.0
sequence: 7
runtime: ">=0.1.0"
requests: [{ permission: net, value: "example.com:443", reason: Counts }]
`,
  );
  await fleet.done("pack", "acme", "--out", "dist");
  await fleet.done("sign", "dist/manifest.json", "--key", "keys/acme.pem");
  return fleet;
}

const ACCEPT = ["policy", "accept", "dist/manifest.signed.json"];
const WITH_KEY = [...ACCEPT, "--publisher-key", "keys/acme.pub.pem"];

Deno.test("policy check answers 0 for a good policy and 1 with every mistake for a bad one", async () => {
  using fleet = await FleetFolder.make();
  assert.equal((await fleet.done("policy", "check", "--json")).json().ok, true);
  fleet.file("policy/accept.yaml", "publisher: {}\n");
  fleet.file("policy/grants/hello.yaml", "script: example/hello\nordres: [operator]\n");
  const ran = await fleet.writ(["policy", "check", "--json"]);
  const { ok, mistakes } = ran.json<{ ok: boolean; mistakes: { file: string }[] }>();
  assert.equal(ran.exit, 1);
  assert.equal(ok, false);
  assert.deepEqual([...new Set(mistakes.map(({ file }) => file.split("/").at(-1)))].sort(), [
    "accept.yaml",
    "hello.yaml",
  ]);
  const text = await fleet.writ(["policy", "check"]);
  assert.match(text.stdout, /^mistake policy\/accept\.yaml:1:1 /m);
});

Deno.test("policy check finds a granted path that leads elsewhere", async () => {
  using fleet = await FleetFolder.make();
  fleet.file("data/x", "");
  Deno.symlinkSync(`${fleet.path}/data`, `${fleet.path}/link`);
  const grant = fleet.read("policy/grants/hello.yaml");
  const fleetYaml = fleet.read("policy/fleet.yaml");
  const permissions = (path: string) => {
    const read = `read: ["${path}"]`;
    fleet.file(
      "policy/grants/hello.yaml",
      grant.replace("permissions: {}", `permissions: { ${read} }`),
    );
    fleet.file("policy/fleet.yaml", fleetYaml.replace("net: []", read));
  };
  permissions(`${fleet.path}/data`);
  assert.equal((await fleet.writ(["policy", "check", "--json"])).json().ok, true);
  permissions(`${fleet.path}/link`);
  const { ok, paths } = (await fleet.writ(["policy", "check", "--json"])).json<
    { ok: boolean; paths: { code: string }[] }
  >();
  assert.deepEqual([ok, paths.map(({ code }) => code)], [false, ["symlink"]]);
});

Deno.test("policy explain shows the very flags of the cell, and refuses what has no grant", async () => {
  using fleet = await FleetFolder.make();
  const explained = await fleet.done("policy", "explain", "example/hello", "--json");
  assert.deepEqual(explained.json<{ flags: object }>().flags, {
    allow: [],
    deny: ["--deny-import"],
  });
  const ran = await fleet.writ(["policy", "explain", "example/helo", "--json"]);
  const { error } = ran.json<{ error: { hint: string } }>();
  assert.deepEqual([ran.exit, error.hint], [1, "did you mean example/hello?"]);
});

Deno.test("policy explain reads a grant file that no policy holds", async () => {
  using fleet = await FleetFolder.make();
  fleet.file("new.yaml", 'permissions: { net: ["192.168.1.20:631"] }\n');
  const ran = await fleet.done("policy", "explain", "new.yaml", "--json");
  const { allow } = ran.json<{ flags: { allow: string[] } }>().flags;
  assert.deepEqual(allow, ["--allow-net=192.168.1.20:631"]);
});

Deno.test("policy accept refuses a publisher it does not know, and a wrong key", async () => {
  using fleet = await withForeignScript();
  assert.equal(
    (await fleet.writ([...ACCEPT, "--yes", "--json"])).json<Failed>().error.code,
    "usage",
  );
  const wrong = [...ACCEPT, "--publisher-key", "keys/root.pub.pem", "--yes", "--json"];
  const before = fleet.read("policy/accept.yaml");
  assert.equal((await fleet.writ(wrong)).json<Failed>().error.code, "threshold");
  assert.equal(fleet.read("policy/accept.yaml"), before);
});

Deno.test("policy accept writes nothing unless it is told to", async (t) => {
  using fleet = await withForeignScript();
  const before = fleet.read("policy/accept.yaml");
  await t.step("nobody can be asked", async () => {
    const ran = await fleet.writ([...WITH_KEY, "--json"]);
    assert.equal(ran.json<Failed>().error.code, "not_confirmed");
    assert.equal(fleet.read("policy/accept.yaml"), before);
  });
  await t.step("the user says no", async () => {
    const ran = await fleet.writ(WITH_KEY, { terminal: true, stdin: "n\n" });
    assert.equal(ran.exit, 1);
    assert.equal(fleet.read("policy/accept.yaml"), before);
  });
  await t.step("the user says yes", async () => {
    const ran = await fleet.writ(WITH_KEY, { terminal: true, stdin: "y\n" });
    assert.equal(ran.exit, 0);
    assert.notEqual(fleet.read("policy/accept.yaml"), before);
  });
});

Deno.test("policy accept adds key, hash and grant, keeps comments, and does it once", async () => {
  using fleet = await withForeignScript();
  const comments = fleet.read("policy/accept.yaml").match(/^#.*$/gm);
  await fleet.done(...WITH_KEY, "--yes");
  const accept = fleet.read("policy/accept.yaml");
  assert.deepEqual(accept.match(/^#.*$/gm), comments);
  assert.match(accept, /script: acme\/count, sha256: sha256:[0-9a-f]{64}/);
  assert.match(fleet.read("policy/grants/count.yaml"), /^script: acme\/count$/m);
  const again = await fleet.done(...ACCEPT, "--yes", "--json");
  assert.deepEqual(again.json().wrote, []);
});

Deno.test("policy accept writes nothing that would spoil the policy", async () => {
  using fleet = await withForeignScript("[]");
  const before = fleet.read("policy/accept.yaml");
  const ran = await fleet.writ([...WITH_KEY, "--yes", "--json"]);
  assert.deepEqual([ran.exit, ran.json<Failed>().error.code], [1, "beyond_ceiling"]);
  assert.equal(fleet.read("policy/accept.yaml"), before);
  assert.equal((await fleet.done("policy", "check", "--json")).json().ok, true);
});

Deno.test("policy accept --range takes only a range that holds the version", async () => {
  using fleet = await withForeignScript();
  assert.equal((await fleet.writ([...WITH_KEY, "--yes", "--range", "^3.0.0"])).exit, 2);
  await fleet.done(...WITH_KEY, "--yes", "--range", "^2.1.0");
  assert.match(fleet.read("policy/accept.yaml"), /script: acme\/count, range: ["']?\^2\.1\.0/);
});

Deno.test("policy sign writes lists that follow one another", async () => {
  using fleet = await FleetFolder.make();
  const sign = ["policy", "sign", "--expires", "30 d", "--json"];
  assert.equal((await fleet.done(...sign)).json().version, 1);
  const second = (await fleet.done(...sign)).json<{ version: number; complete: boolean }>();
  assert.deepEqual([second.version, second.complete], [2, true]);
  const verified = await fleet.done("verify", "policy/signed/acceptlist.2.json", "--json");
  assert.equal(verified.json().ok, true);
});

Deno.test("policy sign follows a list that has expired", async () => {
  using fleet = await FleetFolder.make();
  const later = { now: Date.now() + 48 * 3_600_000 };
  await fleet.done("policy", "sign", "--expires", "1 d");
  const ran = await fleet.writ(["policy", "sign", "--expires", "1 d", "--json"], later);
  assert.equal(ran.json().version, 2);
});

Deno.test("policy compile makes the payload that sign puts in its place", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("policy", "compile", "--expires", "30 d", "--out", "list.json");
  const out = "policy/signed/acceptlist.1.json";
  await fleet.done("sign", "list.json", "--key", "keys/accept.pem", "--out", out);
  assert.equal((await fleet.done("verify", out, "--json")).json().ok, true);
});

Deno.test("policy compile asks for an expiry", async () => {
  using fleet = await FleetFolder.make();
  const ran = await fleet.writ(["policy", "compile", "--json"]);
  assert.equal(ran.json<Failed>().error.code, "refused");
});

Deno.test("policy check of a machine's folder wants the signed documents to hold", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("policy", "sign", "--expires", "30 d");
  const list = "policy/signed/acceptlist.1.json";
  fleet.file("machine/policy/fleet.yaml", "fleet: test\nmode: signed\nroot: signed\n");
  for (const name of ["root.1.json", "acceptlist.1.json"]) {
    fleet.file(`machine/policy/signed/${name}`, fleet.read(`policy/signed/${name}`));
  }
  const check = async () =>
    (await fleet.writ(["policy", "check", "machine/policy", "--json"])).json();
  const good = await check();
  assert.deepEqual([good.ok, good.signed], [true, null], JSON.stringify(good));
  const forged = fleet.read(list).replace(
    /("sig":")(.)/,
    (_, key, first) => key + (first === "A" ? "B" : "A"),
  );
  fleet.file("machine/policy/signed/acceptlist.1.json", forged);
  const bad = await check();
  assert.equal(bad.ok, false);
  assert.equal((bad.signed as { code: string }).code, "threshold");
});
