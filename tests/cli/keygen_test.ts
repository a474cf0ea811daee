import assert from "node:assert/strict";
import { keyId } from "../../runtime/core/key.ts";
import { publicKeyFromPem, signerFromPem } from "../../runtime/core/pem.ts";
import { FleetFolder } from "./fleet_folder.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { writ } from "./test_io.ts";

Deno.test("keygen --out writes a pair that belongs together, the private one for its owner", async () => {
  using dir = new TemporaryDir();
  const ran = await writ(["keygen", "--out", "a.pem", "--json"], { cwd: dir.path });
  const { publicKey, keyId: id, privateFile, publicFile } = ran.json<Record<string, string>>();
  const signer = signerFromPem(Deno.readTextFileSync(privateFile!));
  assert.equal(signer.publicKey, publicKey);
  assert.equal(keyId(signer.publicKey), id);
  assert.equal(publicKeyFromPem(Deno.readTextFileSync(publicFile!)), publicKey);
  assert.equal(Deno.statSync(privateFile!).mode! & 0o777, 0o600);
});

Deno.test("keygen NAME puts the key among those of the fleet", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("keygen", "release");
  assert.match(fleet.read("keys/release.pem"), /BEGIN PRIVATE KEY/);
});

Deno.test("keygen NAME needs a fleet", async () => {
  using dir = new TemporaryDir();
  const ran = await writ(["keygen", "release", "--json"], { cwd: dir.path });
  assert.equal(ran.json<{ error: { code: string } }>().error.code, "no_fleet");
});

Deno.test("keygen never replaces a key", async () => {
  using dir = new TemporaryDir();
  dir.file("a.pem", "precious");
  const ran = await writ(["keygen", "--out", "a.pem", "--json"], { cwd: dir.path });
  assert.equal(ran.exit, 1);
  assert.equal(ran.json<{ error: { code: string } }>().error.code, "key_exists");
  assert.equal(Deno.readTextFileSync(`${dir.path}/a.pem`), "precious");
});

Deno.test("keygen --passphrase-file encrypts, and only that passphrase opens", async () => {
  using dir = new TemporaryDir();
  dir.file("pass", "correct horse\nignored\n");
  dir.file("wrong", "battery staple\n");
  dir.file("mod.json", '{"x":1}');
  const options = { cwd: dir.path };
  await writ(["keygen", "--out", "a.pem", "--passphrase-file", "pass"], options);
  assert.match(Deno.readTextFileSync(`${dir.path}/a.pem`), /BEGIN ENCRYPTED PRIVATE KEY/);
  const code = async (...args: string[]) => {
    const ran = await writ(["sign", "mod.json", "--key", "a.pem", ...args, "--json"], options);
    return ran.json<{ error: { code: string } }>().error.code;
  };
  assert.equal(await code("--passphrase-file", "wrong"), "passphrase");
  assert.equal(await code(), "usage");
  // Opened: now it is the document that is wrong.
  assert.equal(await code("--passphrase-file", "pass"), "wrong_file");
});

Deno.test("keygen exits 2 unless it is told one place", async () => {
  using dir = new TemporaryDir();
  for (const args of [[], ["a", "--out", "b.pem"], ["../a"]]) {
    assert.equal((await writ(["keygen", ...args], { cwd: dir.path })).exit, 2);
  }
});
