import assert from "node:assert/strict";
import { Challenges } from "../../../runtime/hub/users/challenges.ts";
import { USER_LIMITS } from "../../../runtime/hub/users/limits.ts";
import { createUsers, UserError } from "../../../runtime/hub/users/mod.ts";
import { userFixture } from "./fixture.ts";

const is = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;
const text = (challenge: Uint8Array) =>
  challenge.toBase64({ alphabet: "base64url", omitPadding: true });

const KEY = new Uint8Array(32).fill(7);

Deno.test("Challenges.close() takes a challenge once, in time, from whom it was for", async (t) => {
  await using hub = await userFixture();
  const { database } = hub;
  const challenges = new Challenges({ database, now: () => hub.clock.now, challengeKey: KEY });
  const opened = async () => text(await challenges.open("acme", "ada"));
  await t.step("once", async () => {
    const challenge = await opened();
    assert.equal(await challenges.close("acme", "ada", challenge), true);
    assert.equal(await challenges.close("acme", "ada", challenge), false);
  });
  await t.step("from whom it was for", async () => {
    const challenge = await opened();
    assert.equal(await challenges.close("acme", "eve", challenge), false);
    assert.equal(await challenges.close("other", "ada", challenge), false);
    assert.equal(await challenges.close("acme", "ada", challenge), true);
  });
  await t.step("in time", async () => {
    const [early, late] = [await opened(), await opened()];
    hub.clock.now += 300_000 - 1;
    assert.equal(await challenges.close("acme", "ada", early), true);
    hub.clock.now += 1;
    assert.equal(await challenges.close("acme", "ada", late), false);
  });
  await t.step("however many one user asks for, and no other's", async () => {
    const other = text(await challenges.open("acme", "eve"));
    for (let i = 0; i < 30; i++) await opened();
    const { count } = (await database.get<{ count: number }>(
      "SELECT count(*) AS count FROM user_challenges WHERE user_id = 'ada'",
    ))!;
    assert.equal(count, 10);
    assert.equal(await challenges.close("acme", "eve", other), true);
  });
});

Deno.test("Challenges.ask() stores nothing, and each is good for one answer in time", async () => {
  await using hub = await userFixture();
  const { database } = hub;
  const challenges = new Challenges({ database, now: () => hub.clock.now, challengeKey: KEY });
  const first = text(challenges.ask("acme"));
  for (let i = 0; i < 100; i++) challenges.ask("x".repeat(100_000));
  assert.deepEqual(await database.all("SELECT * FROM user_challenges"), []);
  assert.equal(challenges.isOpen("acme", first), true, "however many others are asked for");
  assert.equal(challenges.isOpen("other", first), false);
  const bits = first.startsWith("A") ? `B${first.slice(1)}` : `A${first.slice(1)}`;
  for (const forged of ["", "AAAA", bits, `${first}AAAA`]) {
    assert.equal(challenges.isOpen("acme", forged), false, forged);
  }
  const stranger = new Challenges({
    ...hub,
    now: () => hub.clock.now,
    challengeKey: new Uint8Array(32),
  });
  assert.equal(challenges.isOpen("acme", text(stranger.ask("acme"))), false);
  assert.equal(await challenges.spend("acme", first), true);
  assert.equal(await challenges.spend("acme", first), false);
  hub.clock.now += 300_000;
  assert.equal(challenges.isOpen("acme", first), false);
  const left = async () => (await database.all("SELECT * FROM user_challenges")).length;
  await challenges.spend("acme", text(challenges.ask("acme")));
  assert.equal(await left(), 2);
  hub.clock.now -= 300_000;
  assert.equal(await challenges.spend("acme", first), false, "no clock set back opens it again");
  hub.clock.now += USER_LIMITS.ANSWERED_KEPT_MS + 600_000;
  await challenges.spend("acme", text(challenges.ask("acme")));
  assert.equal(await left(), 1);
});

Deno.test("Passkeys refuse every answer that is none of a known passkey", async (t) => {
  await using hub = await userFixture();
  const ada = await hub.user("ada");
  const signedIn = (await hub.sessions.find(await hub.enter("ada")))!;
  const { challenge } = await hub.passkeys.ask("acme");
  const client = { type: "webauthn.get", challenge, origin: "https://console.example" };
  const clientDataJSON = text(new TextEncoder().encode(JSON.stringify(client)));
  const id = "AAAA";
  const empty = { clientDataJSON, authenticatorData: "", signature: "" };
  const answers = [
    undefined,
    null,
    {},
    { id: 7 },
    { id },
    { id, rawId: id, type: "public-key", response: empty },
    { id: "' OR '1'='1" },
  ];
  await hub.database.run(
    `INSERT INTO user_passkeys (tenant, id, user_id, name, public_key, counter, created)
     VALUES ('acme', ?1, ?2, 'key', 'AAAA', 0, 1)`,
    [id, ada.id],
  );
  for (const answer of answers) {
    await t.step(JSON.stringify(answer) ?? "nothing", async () => {
      await assert.rejects(hub.passkeys.answer("acme", answer), is("bad_passkey"));
      await assert.rejects(hub.passkeys.add(signedIn, "mine", answer), is("bad_passkey"));
    });
  }
});

Deno.test("Passkeys are offered where browsers can make them", async (t) => {
  await using hub = await userFixture();
  const now = () => hub.clock.now;
  const cases: Record<string, boolean> = {
    "https://console.example": true,
    "http://localhost:8791": true,
    "http://console.example": false,
    "https://192.0.2.7": false,
    "https://[2001:db8::1]": false,
    "http://127.0.0.1:8791": false,
  };
  for (const [origin, expected] of Object.entries(cases)) {
    await t.step(origin, () => {
      const { passkeys } = createUsers({ database: hub.database, audit: hub.audit, now, origin });
      assert.equal(passkeys !== undefined, expected);
    });
  }
});

Deno.test("Passkeys.remove() removes none but the user's own", async () => {
  await using hub = await userFixture();
  const [ada, eve] = [await hub.user("ada"), await hub.user("eve")];
  await hub.database.run(
    `INSERT INTO user_passkeys (tenant, id, user_id, name, public_key, counter, created)
     VALUES ('acme', 'k', ?1, 'key', 'AAAA', 0, 1)`,
    [ada.id],
  );
  await assert.rejects(hub.passkeys.remove("acme", eve, "k"), is("not_found"));
  await assert.rejects(hub.passkeys.remove("other", ada, "k"), is("not_found"));
  await hub.passkeys.remove("acme", ada, "k");
  assert.deepEqual(await hub.passkeys.list("acme", ada.id), []);
});
