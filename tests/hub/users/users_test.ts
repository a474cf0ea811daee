import assert from "node:assert/strict";
import { UserError } from "../../../runtime/hub/users/mod.ts";
import { PASSWORD, userFixture } from "./fixture.ts";

const is = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;

Deno.test("Users.invite() makes a user who can do nothing until the invitation is taken up", async () => {
  await using hub = await userFixture();
  const { user, invitation } = await hub.users.invite("acme", "user:root", {
    name: " Ada ",
    role: "operator",
  });
  assert.equal(user.name, "ada");
  assert.equal(user.hasPassword, false);
  await assert.rejects(hub.enter("ada"), is("bad_credentials"));
  assert.equal((await hub.users.invited("acme", invitation))?.id, user.id);
  await hub.users.accept("acme", invitation, PASSWORD);
  assert.ok(await hub.enter("ada"));
});

Deno.test("Users.accept() refuses an invitation that is spent, expired, of another tenant or none", async (t) => {
  await using hub = await userFixture();
  const invite = async (name: string) =>
    (await hub.users.invite("acme", "system", { name, role: "viewer" })).invitation;
  await t.step("spent", async () => {
    const invitation = await invite("ada");
    await hub.users.accept("acme", invitation, PASSWORD);
    await assert.rejects(hub.users.accept("acme", invitation, PASSWORD), is("not_found"));
  });
  await t.step("of another tenant", async () => {
    const invitation = await invite("bob");
    await assert.rejects(hub.users.accept("other", invitation, PASSWORD), is("not_found"));
    await hub.users.accept("acme", invitation, PASSWORD);
  });
  await t.step("expired", async () => {
    const invitation = await invite("cyd");
    hub.clock.now += 172_800_000 - 1;
    assert.ok(await hub.users.invited("acme", invitation));
    hub.clock.now += 1;
    await assert.rejects(hub.users.accept("acme", invitation, PASSWORD), is("not_found"));
  });
  await t.step("none", async () => {
    await assert.rejects(hub.users.accept("acme", "", PASSWORD), is("not_found"));
  });
});

Deno.test("Users.accept() lets only one of two take up the same invitation", async () => {
  await using hub = await userFixture();
  const { invitation } = await hub.users.invite("acme", "system", { name: "ada", role: "viewer" });
  const both = await Promise.allSettled([
    hub.users.accept("acme", invitation, PASSWORD),
    hub.users.accept("acme", invitation, "another quiet lamp"),
  ]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});

Deno.test("Users.invite() refuses names that are taken or written otherwise than names", async (t) => {
  await using hub = await userFixture();
  const invite = (name: string, tenant = "acme") =>
    hub.users.invite(tenant, "system", { name, role: "viewer" });
  await invite("ada");
  for (const name of ["", " ", "-ada", "a da", "<b>", "a\nb", "=1+1", "a".repeat(65)]) {
    await t.step(JSON.stringify(name), () => assert.rejects(invite(name), is("bad_name")));
  }
  for (const name of ["ada", "ADA", "ａｄａ"]) {
    await t.step(`${name} is taken`, () => assert.rejects(invite(name), is("name_taken")));
  }
  for (const name of ["å", "ada.b+c@example.com", "a".repeat(64)]) {
    await t.step(`${name} is taken in`, async () => void await invite(name));
  }
  await t.step("another tenant has its own", async () => void await invite("ada", "other"));
});

Deno.test("Users.accept() refuses a password that is short, long or little but the name", async (t) => {
  await using hub = await userFixture();
  const { invitation } = await hub.users.invite("acme", "system", {
    name: "adalovelace",
    role: "viewer",
  });
  const accept = (password: string) => hub.users.accept("acme", invitation, password);
  for (const bad of ["", "eleven char", "AdaLovelace1234", "x".repeat(257)]) {
    await t.step(JSON.stringify(bad), () => assert.rejects(accept(bad), is("weak_password")));
  }
  await t.step("twelve characters", async () => void await accept("twelve chars"));
});

Deno.test("Users.setRole() and setDisabled() refuse to leave a tenant without an admin", async () => {
  await using hub = await userFixture();
  const ada = await hub.user("ada");
  const { users } = hub;
  await assert.rejects(users.setRole("acme", "user:ada", ada.id, "viewer"), is("last_admin"));
  await assert.rejects(users.setDisabled("acme", "user:ada", ada.id, true), is("last_admin"));
  assert.equal((await users.get("acme", ada.id)).role, "admin");
  const bob = await hub.user("bob");
  await users.setRole("acme", "user:bob", ada.id, "viewer");
  await assert.rejects(users.setDisabled("acme", "user:ada", bob.id, true), is("last_admin"));
});

Deno.test("Users.setDisabled() shuts out at once and everywhere, until it lets in again", async () => {
  await using hub = await userFixture();
  await hub.user("ada");
  const bob = await hub.user("bob", "viewer");
  const cookie = await hub.enter("bob");
  await hub.users.setDisabled("acme", "user:ada", bob.id, true);
  assert.equal(await hub.sessions.find(cookie), undefined);
  await assert.rejects(hub.enter("bob"), is("bad_credentials"));
  await hub.users.setDisabled("acme", "user:ada", bob.id, false);
  assert.equal(await hub.sessions.find(cookie), undefined);
  assert.ok(await hub.enter("bob"));
});

Deno.test("Users.inviteAgain() forgets the password and ends the sessions", async () => {
  await using hub = await userFixture();
  const ada = await hub.user("ada");
  const cookie = await hub.enter("ada");
  await hub.user("bob");
  const invitation = await hub.users.inviteAgain("acme", "user:bob", ada.id);
  assert.equal(await hub.sessions.find(cookie), undefined);
  await assert.rejects(hub.enter("ada"), is("bad_credentials"));
  await hub.users.accept("acme", invitation, "another quiet lamp");
  assert.ok(await hub.enter("ada", "another quiet lamp"));
});

Deno.test("Users refuse every id of another tenant", async (t) => {
  await using hub = await userFixture();
  await hub.user("eve", "admin", "other");
  const ada = await hub.user("ada");
  const { users } = hub;
  const calls: Record<string, () => Promise<unknown>> = {
    get: () => users.get("other", ada.id),
    setRole: () => users.setRole("other", "user:eve", ada.id, "viewer"),
    setDisabled: () => users.setDisabled("other", "user:eve", ada.id, true),
    inviteAgain: () => users.inviteAgain("other", "user:eve", ada.id),
    changePassword: () => users.changePassword("other", ada.id, "another quiet lamp"),
  };
  for (const [name, call] of Object.entries(calls)) {
    await t.step(name, () => assert.rejects(call(), is("not_found")));
  }
  assert.deepEqual((await users.list("other")).map(({ name }) => name), ["eve"]);
  assert.equal((await users.get("acme", ada.id)).role, "admin");
});

Deno.test("every change of a user leaves a row in the audit log of its tenant", async () => {
  await using hub = await userFixture();
  const ada = await hub.user("ada");
  const bob = await hub.user("bob", "viewer");
  await hub.users.setRole("acme", "user:ada", bob.id, "operator");
  await hub.users.setDisabled("acme", "user:ada", bob.id, true);
  await hub.users.setDisabled("acme", "user:ada", bob.id, false);
  await hub.users.inviteAgain("acme", "user:ada", bob.id);
  await hub.users.changePassword("acme", ada.id, "another quiet lamp");
  const { items } = await hub.audit.list("acme");
  assert.deepEqual(items.map(({ who, action, subject }) => `${who} ${action} ${subject}`), [
    "user:ada password_set ada",
    "user:ada user_invited_again bob",
    "user:ada user_enabled bob",
    "user:ada user_disabled bob",
    "user:ada role_set bob",
    "user:bob password_set bob",
    "system user_invited bob",
    "user:ada password_set ada",
    "system user_invited ada",
  ]);
  assert.deepEqual((await hub.audit.list("other")).items, []);
});
