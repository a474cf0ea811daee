import assert from "node:assert/strict";
import { Passwords } from "../../../runtime/hub/users/password.ts";
import { PASSWORD } from "./fixture.ts";

Deno.test("Passwords.fits() takes what was hashed at its own cost alone", async () => {
  const cheap = new Passwords({ logN: 4, r: 8, p: 1 });
  const stored = await cheap.hash(PASSWORD, "ada");
  assert.equal(await cheap.fits(PASSWORD, stored), true);
  assert.equal(await cheap.fits(`${PASSWORD}s`, stored), false);
  assert.equal(await new Passwords().fits(PASSWORD, stored), false);
  for (const nothing of [undefined, "", `${stored}A`]) {
    assert.equal(await cheap.fits(PASSWORD, nothing), false);
  }
});
