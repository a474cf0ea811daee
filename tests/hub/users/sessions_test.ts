import assert from "node:assert/strict";
import { UserError } from "../../../runtime/hub/users/mod.ts";
import { userFixture } from "./fixture.ts";

const is = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;

Deno.test("Sessions.begin() makes a new secret each time, of which only a hash is stored", async () => {
  await using hub = await userFixture();
  const ada = await hub.user("ada");
  const first = await hub.begin(ada);
  const second = await hub.begin(ada);
  assert.notEqual(first, second);
  assert.equal((await hub.sessions.find(first))?.user.id, ada.id);
  const rows = JSON.stringify(await hub.database.all("SELECT * FROM user_sessions"));
  assert.ok(!rows.includes(first.split(".")[1]!));
});

Deno.test("Sessions.find() refuses every cookie that it did not give out as it is", async (t) => {
  await using hub = await userFixture();
  const ada = await hub.user("ada");
  const cookie = await hub.begin(ada);
  const secret = cookie.split(".")[1]!;
  const { hash } = (await hub.database.get<{ hash: string }>("SELECT hash FROM user_sessions"))!;
  const others = ["", ".", secret, `other.${secret}`, `%.${secret}`, `acme.${hash}`, `${cookie}A`];
  for (const other of others) {
    await t.step(other, async () => assert.equal(await hub.sessions.find(other), undefined));
  }
  assert.ok(await hub.sessions.find(cookie));
});

Deno.test("Sessions.find() ends a session that nobody used for an hour", async () => {
  await using hub = await userFixture();
  const cookie = await hub.begin(await hub.user("ada"));
  hub.clock.now += 3_600_000 - 1;
  assert.ok(await hub.sessions.find(cookie));
  await hub.written();
  hub.clock.now += 3_600_000 - 1;
  assert.ok(await hub.sessions.find(cookie));
  await hub.written();
  hub.clock.now += 3_600_000;
  assert.equal(await hub.sessions.find(cookie), undefined);
});

Deno.test("Sessions.find() makes no session last that only an open page uses", async () => {
  await using hub = await userFixture();
  const cookie = await hub.begin(await hub.user("ada"));
  hub.clock.now += 1_800_000;
  assert.ok(await hub.sessions.find(cookie, false));
  hub.clock.now += 1_800_000;
  assert.equal(await hub.sessions.find(cookie), undefined);
});

Deno.test("Sessions.find() ends a session after 12 hours, however it is used", async () => {
  await using hub = await userFixture();
  const cookie = await hub.begin(await hub.user("ada"));
  for (let half = 1; half < 24; half++) {
    hub.clock.now += 1_800_000;
    assert.ok(await hub.sessions.find(cookie));
    await hub.written();
  }
  hub.clock.now += 1_800_000;
  assert.equal(await hub.sessions.find(cookie), undefined);
});

Deno.test("Sessions.endAll() signs out everywhere, and nobody else", async () => {
  await using hub = await userFixture();
  const ada = await hub.user("ada");
  const bob = await hub.user("bob");
  const mine = [
    await hub.begin(ada),
    await hub.begin(ada),
  ];
  const his = await hub.begin(bob);
  await hub.sessions.endAll("acme", "user:ada", ada);
  for (const cookie of mine) assert.equal(await hub.sessions.find(cookie), undefined);
  assert.ok(await hub.sessions.find(his));
});

Deno.test("Sessions.end() ends one of the user's own and none of another", async () => {
  await using hub = await userFixture();
  const ada = await hub.user("ada");
  const bob = await hub.user("bob");
  const cookie = await hub.begin(ada);
  const [session] = await hub.sessions.list("acme", ada.id);
  await assert.rejects(hub.sessions.end("acme", "user:bob", bob, session!.id), is("not_found"));
  await assert.rejects(hub.sessions.end("other", "user:eve", ada, session!.id), is("not_found"));
  assert.ok(await hub.sessions.find(cookie));
  await hub.sessions.end("acme", "user:ada", ada, session!.id);
  assert.equal(await hub.sessions.find(cookie), undefined);
});

Deno.test("Sessions.begin() keeps 16 sessions of a user", async () => {
  await using hub = await userFixture();
  const ada = await hub.user("ada");
  const cookies: string[] = [];
  for (let i = 0; i < 17; i++) {
    hub.clock.now += 1;
    cookies.push(await hub.begin(ada));
  }
  assert.equal(await hub.sessions.find(cookies[0]!), undefined);
  assert.ok(await hub.sessions.find(cookies[1]!));
  assert.equal((await hub.sessions.list("acme", ada.id)).length, 16);
});

Deno.test("Users.changePassword() ends every session", async () => {
  await using hub = await userFixture();
  const ada = await hub.user("ada");
  const cookie = await hub.enter("ada");
  await hub.users.changePassword("acme", ada.id, "another quiet lamp");
  assert.equal(await hub.sessions.find(cookie), undefined);
});
