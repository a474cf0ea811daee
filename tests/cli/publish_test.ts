import assert from "node:assert/strict";
import { openEnvelope } from "../../runtime/core/dsse.ts";
import { FleetFolder } from "./fleet_folder.ts";

type Failed = { error: { code: string; hint?: string } };

Deno.test("pack, sign and publish lay a script out as agents look for it", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  const index = JSON.parse(fleet.read("published/v1/manifests/example/hello/index.json"));
  const [{ version, sha256 }] = index.versions;
  assert.equal(version, "1.0.0");
  assert.equal(
    fleet.read(`published/v1/modules/${sha256.slice("sha256:".length)}`),
    fleet.read("scripts/hello/mod.ts"),
  );
  const envelope = fleet.read("published/v1/manifests/example/hello/1.0.0.json");
  assert.equal(envelope, fleet.read("dist/manifest.signed.json"));
});

Deno.test("publish changes nothing the second time", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  const again = await fleet.done("publish", "dist", "--to", "published", "--json");
  assert.deepEqual(again.json().written, []);
});

Deno.test("publish refuses other bytes under a published version", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  const before = fleet.read("published/v1/manifests/example/hello/1.0.0.json");
  fleet.file("scripts/hello/mod.ts", fleet.read("scripts/hello/mod.ts") + "// changed\n");
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  await fleet.done("sign", "dist/manifest.json", "--key", "keys/publisher.pem");
  const ran = await fleet.writ(["publish", "dist", "--to", "published", "--json"]);
  assert.equal(ran.exit, 1);
  assert.equal(ran.json<Failed>().error.code, "version_published");
  assert.equal(fleet.read("published/v1/manifests/example/hello/1.0.0.json"), before);
});

Deno.test("publish refuses a module that is not the signed one", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  await fleet.done("sign", "dist/manifest.json", "--key", "keys/publisher.pem");
  const source = fleet.read("dist/mod.ts");
  fleet.file("dist/mod.ts", source.replace("Hello", "Jello"));
  const ran = await fleet.writ(["publish", "dist", "--to", "published", "--json"]);
  assert.equal(ran.json<Failed>().error.code, "module_hash");
});

Deno.test("publish says what is missing when nothing was signed", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  const ran = await fleet.writ(["publish", "dist", "--to", "published", "--json"]);
  assert.equal(ran.json<Failed>().error.code, "no_such_file");
});

Deno.test("what takes a packed script names the step that its folder lacks", async (t) => {
  using fleet = await FleetFolder.make();
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  const steps: [args: string[], hint: string][] = [
    [["sign", "scripts/hello", "--key", "keys/publisher.pem"], "writ pack scripts/hello"],
    [["policy", "accept", "scripts/hello"], "writ pack scripts/hello"],
    [["policy", "accept", "dist"], "writ sign dist --key KEY.pem"],
    [["verify", "dist"], "writ sign dist --key KEY.pem"],
  ];
  for (const [args, hint] of steps) {
    await t.step(args.join(" "), async () => {
      const { error } = (await fleet.writ([...args, "--json"])).json<Failed>();
      assert.equal(error.code, "no_such_file");
      assert.ok(error.hint?.endsWith(hint), error.hint);
    });
  }
});

Deno.test("sign adds the signature of a second holder to an envelope", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  await fleet.done("sign", "dist/manifest.json", "--key", "keys/publisher.pem");
  await fleet.done("sign", "dist/manifest.signed.json", "--key", "keys/accept.pem");
  const bytes = Deno.readFileSync(`${fleet.path}/dist/manifest.signed.json`);
  assert.equal(openEnvelope("manifest", bytes).signatures.size, 2);
});

Deno.test("sign keeps the first holder's signature when the second signs the manifest itself", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  const signatures = async (key: string) => {
    await fleet.done("sign", "dist/manifest.json", "--key", key);
    const bytes = Deno.readFileSync(`${fleet.path}/dist/manifest.signed.json`);
    return openEnvelope("manifest", bytes).signatures.size;
  };
  assert.equal(await signatures("keys/publisher.pem"), 1);
  assert.equal(await signatures("keys/accept.pem"), 2);
  // Packed anew, it is another document: what was signed before does not hold for it.
  await fleet.done("pack", "scripts/hello", "--out", "dist", "--created", "2026-01-01T00:00:00Z");
  assert.equal(await signatures("keys/publisher.pem"), 1);
});

Deno.test("sign, verify, publish and accept take a packed script by its folder", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  await fleet.done("sign", "dist", "--key", "keys/publisher.pem");
  await fleet.done("sign", "dist", "--status");
  await fleet.done("verify", "dist/");
  await fleet.done("publish", "dist/manifest.signed.json", "--to", "published");
  await fleet.done("policy", "accept", "dist", "--yes");
});

Deno.test("sign refuses a public key, whoever may read it", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  const args = ["sign", "dist", "--key", "keys/publisher.pub.pem", "--json"];
  assert.equal((await fleet.writ(args)).json<Failed>().error.code, "not_a_key");
});

Deno.test("sign refuses a key that others may read", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  Deno.chmodSync(`${fleet.path}/keys/publisher.pem`, 0o640);
  const args = ["sign", "dist/manifest.json", "--key", "keys/publisher.pem", "--json"];
  assert.equal((await fleet.writ(args)).json<Failed>().error.code, "key_readable");
});

Deno.test("sign refuses a document that nobody would accept", async (t) => {
  using fleet = await FleetFolder.make();
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  const manifest = JSON.parse(fleet.read("dist/manifest.json"));
  const cases = [
    ["an unknown field", JSON.stringify({ ...manifest, extra: 1 }), "bad_schema"],
    ["no JSON", "hello", "wrong_file"],
    ["nothing", "", "wrong_file"],
    ["JSON of something else", '{"hello":1}', "wrong_file"],
  ] as const;
  for (const [name, content, code] of cases) {
    await t.step(name, async () => {
      fleet.file("doc.json", content);
      const ran = await fleet.writ(["sign", "doc.json", "--key", "keys/publisher.pem", "--json"]);
      assert.equal(ran.exit, 1);
      assert.equal(ran.json<Failed>().error.code, code);
    });
  }
});

Deno.test("pack reports every mistake of manifest.yaml at once", async () => {
  using fleet = await FleetFolder.make();
  fleet.file("scripts/hello/manifest.yaml", "publisher: Example\nname: hello\nverison: 1\n");
  const ran = await fleet.writ(["pack", "scripts/hello", "--json"]);
  const { message } = ran.json<{ error: { message: string } }>().error;
  for (const word of ["publisher", "verison", "version", "sequence", "runtime"]) {
    assert.ok(message.includes(word), word);
  }
});
