import assert from "node:assert/strict";
import { consoleFixture, PASSWORD } from "./fixture.ts";

Deno.test("an admin invites a user, whose link is shown once and works once", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const { status, text } = await ada.send("/users", { name: "bob", role: "operator" });
  assert.equal(status, 200);
  const link = /https:\/\/console\.example(\/welcome[^<]+)/.exec(text)![1]!.replaceAll(
    "&amp;",
    "&",
  );
  assert.doesNotMatch((await ada.open("/users")).text, /welcome/);
  const bob = hub.visit();
  assert.match((await bob.open(link)).text, /as its operator/);
  const { searchParams } = new URL(link, "https://console.example");
  const fields = { ...Object.fromEntries(searchParams), password: PASSWORD };
  assert.equal((await bob.send("/welcome", fields)).status, 303);
  assert.match((await bob.open("/")).text, /operator of acme/);
  assert.equal((await hub.visit().open(link)).status, 404);
});

Deno.test("an admin sets roles, ends sessions and shuts out", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const bob = await hub.enter("bob", "viewer");
  const { id } = (await hub.users.list("acme")).find(({ name }) => name === "bob")!;
  assert.equal((await ada.send(`/users/${id}/role`, { role: "root" })).status, 400);
  assert.equal((await ada.send(`/users/${id}/role`, { role: "operator" })).status, 303);
  assert.match((await bob.open("/")).text, /operator of acme/);
  await ada.send(`/users/${id}/sign-out`, {});
  assert.equal((await bob.open("/")).status, 303);
  await ada.send(`/users/${id}/shut-out`, {});
  const enter = () =>
    hub.visit().send("/sign-in", { fleet: "acme", name: "bob", password: PASSWORD });
  const refused = await enter();
  assert.deepEqual([refused.status, refused.headers.get("set-cookie")], [403, null]);
  await ada.send(`/users/${id}/let-in`, {});
  assert.equal((await enter()).status, 303);
});

Deno.test("users are for admins: others neither see nor change them", async (t) => {
  await using hub = await consoleFixture();
  await hub.enter("ada");
  const { id } = (await hub.users.list("acme"))[0]!;
  for (const role of ["viewer", "operator"] as const) {
    const visit = await hub.enter(role, role);
    await t.step(role, async () => {
      assert.equal((await visit.open("/users")).status, 403);
      assert.equal((await visit.open("/tokens")).status, 403);
      assert.equal((await visit.open("/enrol")).status, 403);
      assert.equal((await visit.send("/users", { name: "x", role: "admin" })).status, 403);
      assert.equal((await visit.send(`/users/${id}/role`, { role: "viewer" })).status, 403);
    });
  }
});

Deno.test("a user sets another password with the one in use, and is signed out by it", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const password = "another quiet lamp";
  const wrong = await ada.send("/settings/password", { current: "wrong", password });
  assert.equal(wrong.status, 403);
  const right = await ada.send("/settings/password", { current: PASSWORD, password });
  assert.equal(right.status, 303);
  assert.equal(ada.cookie, "");
  await ada.send("/sign-in", { fleet: "acme", name: "ada", password });
  assert.equal((await ada.open("/")).status, 200);
});

Deno.test("a passkey is offered to whoever types the password in use", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  for (const [current, status] of [["", 403], ["wrong", 403], [PASSWORD, 200]] as const) {
    assert.equal((await ada.send("/passkeys/offer", { current })).status, status);
  }
});

Deno.test("a token is shown once, may no more than whoever made it, and can be revoked", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const fields = { name: "ci", days: "30", scope: "orders:write" };
  const { text } = await ada.send("/tokens", fields);
  const token = /wapi_[\w-]+/.exec(text)![0];
  const actor = await hub.tokens.admit(token);
  assert.deepEqual([actor?.tenant, [...actor!.scopes]], ["acme", ["orders:write"]]);
  const list = await ada.open("/tokens");
  assert.doesNotMatch(list.text, /wapi_/);
  assert.equal((await ada.send("/tokens", { ...fields, days: "9999" })).status, 400);
  assert.equal((await ada.send("/tokens", { ...fields, scope: "everything" })).status, 400);
  const { id } = (await hub.tokens.list("acme"))[0]!;
  await ada.send(`/tokens/${id}/revoke`, {});
  assert.equal(await hub.tokens.admit(token), undefined);
});

Deno.test("an enrolment token is shown once, beside the command that reads it", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const { text } = await ada.send("/enrol", { hours: "24", labels: "office berlin" });
  assert.match(text, /writ enrol https:\/\/hub\.example -</);
  assert.match(text, /<code>wenrol_\S{40,}<\/code>/);
  const { items: [made] } = await hub.enrolment.list("acme");
  assert.deepEqual([made!.labels, made!.approved], [["office", "berlin"], false]);
  await ada.send(`/enrol/${made!.id}/revoke`, {});
  assert.equal((await hub.enrolment.list("acme")).items[0]!.revoked, true);
});

Deno.test("who is shut out or made less takes their tokens along", async () => {
  await using hub = await consoleFixture();
  const [ada, eve] = [await hub.enter("ada"), await hub.enter("eve")];
  const fields = { name: "ci", days: "30", scope: "tokens:write" };
  const { text } = await eve.send("/tokens", fields);
  const [token] = /wapi_[\w-]+/.exec(text)!;
  const more = JSON.stringify({ name: "more", scopes: ["tokens:write"] });
  const made = await (await hub.test.ask(token, "POST", "/api/v1/tokens", more)).json();
  const scopes = async () =>
    (await Promise.all([token, made.token].map((text) => hub.tokens.admit(text))))
      .map((actor) => actor && [...actor.scopes]);
  assert.deepEqual(await scopes(), [["tokens:write"], ["tokens:write"]]);
  const { id } = (await hub.users.list("acme")).find(({ name }) => name === "eve")!;
  await ada.send(`/users/${id}/role`, { role: "viewer" });
  assert.deepEqual(await scopes(), [[], []]);
  await hub.users.setRole("acme", "system", id, "admin");
  await hub.users.setDisabled("acme", "system", id, true);
  assert.deepEqual(await scopes(), [undefined, undefined]);
});
