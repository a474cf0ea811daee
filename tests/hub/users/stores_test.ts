import assert from "node:assert/strict";
import { Attempts } from "../../../runtime/hub/users/attempts.ts";
import { Challenges } from "../../../runtime/hub/users/challenges.ts";
import { OPERATOR, type Proof, UserError } from "../../../runtime/hub/users/mod.ts";
import { testInBothStores } from "../stores.ts";
import { PASSWORD, PLACE, userFixture } from "./fixture.ts";

const is = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;

testInBothStores("users", {
  "are invited, come in, are changed and shut out": async (where) => {
    await using hub = await userFixture(where);
    const ada = await hub.user("ada");
    const bob = await hub.user("bob", "viewer");
    const cookie = await hub.enter("bob");
    assert.equal((await hub.sessions.find(cookie))?.user.role, "viewer");
    await hub.users.setRole("acme", "user:ada", bob.id, "operator");
    await hub.users.setDisabled("acme", "user:ada", bob.id, true);
    assert.equal(await hub.sessions.find(cookie), undefined);
    await assert.rejects(hub.users.setRole("acme", "x", ada.id, "viewer"), is("last_admin"));
    const listed = await hub.users.list("acme");
    assert.deepEqual(
      listed.map(({ name, role, hasPassword, passkeys, disabled }) => ({
        ...{ name, role, hasPassword, passkeys, disabled },
      })),
      [
        { name: "ada", role: "admin", hasPassword: true, passkeys: 0, disabled: null },
        { name: "bob", role: "operator", hasPassword: true, passkeys: 0, disabled: hub.clock.now },
      ],
    );
  },
  "have sessions that end by time, by number and by hand": async (where) => {
    await using hub = await userFixture(where);
    const ada = await hub.user("ada");
    const cookies: string[] = [];
    for (let i = 0; i < 17; i++) {
      hub.clock.now += 60_000;
      cookies.push(await hub.begin(ada));
    }
    assert.equal(await hub.sessions.find(cookies[0]!), undefined);
    assert.equal((await hub.sessions.find(cookies[16]!))?.session.seen, hub.clock.now);
    await hub.sessions.endAll("acme", "user:ada", ada);
    assert.deepEqual(await hub.sessions.list("acme", ada.id), []);
  },
  "wait after failures, and no longer than they must": async (where) => {
    await using hub = await userFixture(where);
    const attempts = new Attempts({ database: hub.database, now: () => hub.clock.now });
    const attempt = { tenant: "acme", name: "ada", address: PLACE.address };
    for (let i = 0; i < 5; i++) await attempts.charge(attempt);
    await assert.rejects(attempts.charge(attempt), is("too_many_attempts"));
    hub.clock.now += 30_000;
    await attempts.charge(attempt);
    await attempts.succeed(attempt);
    await attempts.charge(attempt);
    hub.clock.now += 3_600_000;
    await attempts.charge({ ...attempt, name: "bob" });
    const rows = await hub.database.all("SELECT subject FROM sign_in_failures");
    assert.equal(rows.length, 2);
  },
  "keep one admin, though two shut each other out at once": async (where) => {
    await using hub = await userFixture(where);
    await hub.database.run(
      "INSERT INTO tenants VALUES ('acme', 'test', '{}', 0, 9, 9, 9, 0)",
    );
    const [ada, bob] = [await hub.user("ada"), await hub.user("bob")];
    for (let i = 0; i < 5; i++) {
      const ended = await Promise.allSettled([
        hub.users.setDisabled("acme", "user:ada", bob.id, true),
        hub.users.setDisabled("acme", "user:bob", ada.id, true),
      ]);
      assert.deepEqual(ended.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
      for (const { id } of [ada, bob]) await hub.users.setDisabled("acme", "system", id, false);
    }
  },
  "keep an admin who can sign in, and not one who is only invited": async (where) => {
    await using hub = await userFixture(where);
    const ada = await hub.user("ada");
    const bob = await hub.users.invite("acme", "user:ada", { name: "bob", role: "admin" });
    const { users } = hub;
    const refused = [
      () => users.setRole("acme", "user:ada", ada.id, "viewer"),
      () => users.setDisabled("acme", "user:ada", ada.id, true),
      () => users.inviteAgain("acme", "user:ada", ada.id),
    ];
    for (const change of refused) await assert.rejects(change, is("last_admin"));
    assert.ok(await hub.enter("ada"));
    await users.accept("acme", bob.invitation, PASSWORD);
    await users.inviteAgain("acme", "user:bob", ada.id);
    await users.inviteAgain("acme", OPERATOR, bob.user.id);
  },
  "have five passwords looked at, of forty that are tried at once": async (where) => {
    await using hub = await userFixture(where);
    const attempts = new Attempts({ database: hub.database, now: () => hub.clock.now });
    const attempt = { tenant: "acme", name: "ada", address: PLACE.address };
    const tried = Array.from({ length: 40 }, () => attempts.charge(attempt));
    const passed = (await Promise.allSettled(tried)).filter(({ status }) => status === "fulfilled");
    assert.equal(passed.length, 5);
  },
  "begin no session by a password or a passkey that was taken away meanwhile": async (where) => {
    await using hub = await userFixture(where);
    const ada = await hub.user("ada");
    const old = (await hub.users.credentialsOf("acme", "ada"))!;
    await hub.users.changePassword("acme", ada.id, "another quiet lamp");
    const begin = (proof: Proof) => hub.sessions.begin("acme", ada, PLACE, proof);
    await assert.rejects(begin(old), is("bad_credentials"));
    await assert.rejects(begin({ passkey: "k" }), is("bad_credentials"));
    const known = (await hub.users.credentialsOf("acme", "ada"))!;
    assert.ok(await hub.sessions.find(await begin(known)));
    await hub.user("bob");
    await hub.users.setDisabled("acme", "system", ada.id, true);
    await assert.rejects(begin(known), is("bad_credentials"));
  },
  "answer a challenge once, and own their passkeys": async (where) => {
    await using hub = await userFixture(where);
    const ada = await hub.user("ada");
    const challenges = new Challenges({
      ...{ database: hub.database, now: () => hub.clock.now },
      challengeKey: new Uint8Array(32),
    });
    const written = (bytes: Uint8Array) =>
      bytes.toBase64({ alphabet: "base64url", omitPadding: true });
    const own = written(await challenges.open("acme", ada.id));
    assert.equal(await challenges.close("acme", ada.id, own), true);
    assert.equal(await challenges.close("acme", ada.id, own), false);
    const anybodys = written(challenges.ask("acme"));
    assert.equal(await challenges.spend("acme", anybodys), true);
    assert.equal(await challenges.spend("acme", anybodys), false);
    await hub.database.run(
      `INSERT INTO user_passkeys (tenant, id, user_id, name, public_key, counter, created)
       VALUES ('acme', 'k', ?1, 'key', 'AAAA', 0, 1)`,
      [ada.id],
    );
    assert.equal((await hub.users.get("acme", ada.id)).passkeys, 1);
    await hub.users.inviteAgain("acme", OPERATOR, ada.id);
    assert.equal((await hub.users.get("acme", ada.id)).passkeys, 0);
  },
});
