import assert from "node:assert/strict";
import { encodeBase64 } from "../../runtime/core/base64.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { signerToPem } from "../../runtime/core/pem.ts";
import { isSignedList, listStatement } from "../../scripts/virus-sigs/list_signature.ts";
import { requireReal } from "../real/require_real.ts";

const openssl = requireReal(["openssl"]);
const list = { name: "office.hdb", version: 7, sha256: `sha256:${"a".repeat(64)}` };
const said = new TextEncoder().encode(listStatement(list.name, list.version, list.sha256));

Deno.test("isSignedList() takes what a key of the settings signed, and nothing near it", async () => {
  const admin = generateSigner();
  const keys = [generateSigner().publicKey, admin.publicKey];
  const signature = encodeBase64(admin.sign(said));
  assert.equal(await isSignedList({ ...list, signature }, keys), true);
  assert.equal(await isSignedList({ ...list, signature }, keys.slice(0, 1)), false);
  assert.equal(await isSignedList({ ...list, signature }, []), false);
  assert.equal(await isSignedList(list, keys), false);
  const sha256 = `sha256:${"b".repeat(64)}`;
  for (const change of [{ name: "other.hdb" }, { version: 8 }, { sha256 }]) {
    assert.equal(await isSignedList({ ...list, signature, ...change }, keys), false);
  }
  for (const strange of ["", "!", "AAAA", encodeBase64(new Uint8Array(64))]) {
    assert.equal(await isSignedList({ ...list, signature: strange }, keys), false, strange);
  }
});

Deno.test({
  name: "isSignedList() takes what openssl signs, as the page for admins has it",
  ignore: !openssl,
  async fn() {
    const admin = generateSigner();
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/key.pem`, signerToPem(admin));
    await Deno.writeFile(`${folder}/said`, said);
    const { success, stdout } = await new Deno.Command(openssl!.openssl, {
      args: ["pkeyutl", "-sign", "-rawin", "-inkey", "key.pem", "-in", "said"],
      cwd: folder,
    }).output();
    await Deno.remove(folder, { recursive: true });
    assert.ok(success);
    const signature = encodeBase64(stdout);
    assert.equal(await isSignedList({ ...list, signature }, [admin.publicKey]), true);
  },
});
