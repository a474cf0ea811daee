import assert from "node:assert/strict";
import { readSignedFolder } from "../../runtime/cli/policy/policy_of.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { NOON } from "../agent/fixture.ts";
import { SignedFolder } from "../agent/signed_folder.ts";

Deno.test("readSignedFolder() reads no more of a file than its kind may hold", async () => {
  using folder = new SignedFolder();
  const signed = `${folder.path}/signed`;
  assert.equal((await readSignedFolder(signed, NOON)).root.version, 1);
  folder.put("acceptlist", 2, new Uint8Array(LIMITS.ACCEPTLIST_BYTES + 1));
  await assert.rejects(readSignedFolder(signed, NOON), { code: "too_large" });
});

Deno.test("readSignedFolder() says that there is no root", async () => {
  using folder = new SignedFolder();
  folder.remove("root.1");
  await assert.rejects(readSignedFolder(`${folder.path}/signed`, NOON), { code: "not_found" });
});
