import assert from "node:assert/strict";
import { Attempts } from "../../../runtime/hub/users/attempts.ts";
import { UserError } from "../../../runtime/hub/users/mod.ts";
import { USER_LIMITS } from "../../../runtime/hub/users/limits.ts";
import { PASSWORD, PLACE, userFixture } from "./fixture.ts";
import { processorMs } from "../../processor_ms.ts";

const is = (code: string) => (error: unknown) => error instanceof UserError && error.code === code;
const WRONG = "a wrong orange lamp";

Deno.test("SignIn.withPassword() refuses wrong names, passwords and tenants alike", async (t) => {
  await using hub = await userFixture();
  await hub.user("ada");
  await hub.user("eve", "admin", "other");
  const cases: Record<string, [string, string, string]> = {
    "another password": ["ada", WRONG, "acme"],
    "no password": ["ada", "", "acme"],
    "nobody's name": ["bob", PASSWORD, "acme"],
    "an empty name": ["", PASSWORD, "acme"],
    "the user of another tenant": ["eve", PASSWORD, "acme"],
    "an unknown tenant": ["ada", PASSWORD, "nobody"],
    "SQL": ["ada' OR '1'='1", "' OR 1=1 --", "acme"],
  };
  for (const [what, [name, password, tenant]] of Object.entries(cases)) {
    await t.step(what, async () => {
      const error = await hub.enter(name, password, tenant).catch((error) => error);
      assert.ok(is("bad_credentials")(error));
      assert.equal(error.message, "Cannot sign in as fleet, name or password is wrong");
    });
  }
  assert.ok(await hub.enter("ADA"));
});

Deno.test("SignIn.withPassword() works as long for a name that nobody has", async () => {
  await using hub = await userFixture(undefined, { logN: 14, r: 8, p: 1 });
  await hub.user("ada");
  const took = async (name: string) => {
    const before = processorMs();
    await assert.rejects(hub.enter(name, WRONG), is("bad_credentials"));
    return processorMs() - before;
  };
  await took("first");
  const known: number[] = [];
  const unknown: number[] = [];
  for (let i = 0; i < 4; i++) {
    known.push(await took("ada"));
    unknown.push(await took("bob"));
  }
  const ratio = Math.min(...known) / Math.min(...unknown);
  assert.ok(ratio > 0.5 && ratio < 2, `${ratio}`);
});

Deno.test("SignIn.withPassword() makes a name wait after 5 failures, twice as long each time", async () => {
  await using hub = await userFixture();
  await hub.user("ada");
  for (let i = 0; i < 5; i++) await assert.rejects(hub.enter("ada", WRONG), is("bad_credentials"));
  await assert.rejects(hub.enter("ada"), is("too_many_attempts"));
  hub.clock.now += 30_000 - 1;
  await assert.rejects(hub.enter("ada"), is("too_many_attempts"));
  hub.clock.now += 1;
  await assert.rejects(hub.enter("ada", WRONG), is("bad_credentials"));
  hub.clock.now += 60_000 - 1;
  await assert.rejects(hub.enter("ada"), is("too_many_attempts"));
  hub.clock.now += 1;
  assert.ok(await hub.enter("ada"));
  await assert.rejects(hub.enter("ada", WRONG), is("bad_credentials"));
});

Deno.test("SignIn.withPassword() makes a name that nobody has wait alike", async () => {
  await using hub = await userFixture();
  for (let i = 0; i < 5; i++) await assert.rejects(hub.enter("bob", WRONG), is("bad_credentials"));
  await assert.rejects(hub.enter("bob"), is("too_many_attempts"));
});

Deno.test("SignIn.withPassword() charges attempts that are made at once before it looks", async () => {
  await using hub = await userFixture();
  await hub.user("ada");
  const all = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) => hub.enter("ada", `wrong guess ${i}`)),
  );
  const codes = all.map((one) => one.status === "rejected" ? one.reason.code : "in");
  assert.equal(codes.filter((code) => code === "bad_credentials").length, 5);
  assert.equal(codes.filter((code) => code === "too_many_attempts").length, 7);
});

Deno.test("Attempts.charge() makes an address wait after 20 failures, whatever the names", async () => {
  await using hub = await userFixture();
  const attempts = new Attempts({ database: hub.database, now: () => hub.clock.now });
  const from = (address: string, name: string, tenant = "acme") =>
    attempts.charge({ tenant, name, address });
  const addresses = ["2001:db8::1", "2001:db8:0:0:1::2", "2001:DB8:0:0:ffff::3"];
  for (let i = 0; i < 20; i++) await from(addresses[i % 3]!, `name${i}`, `tenant${i % 2}`);
  await assert.rejects(from("2001:db8::4", "ada"), is("too_many_attempts"));
  await from("2001:db8:0:1::1", "ada");
  await from(PLACE.address, "ada");
});

Deno.test("Attempts.charge() makes nobody wait for a clock that was ahead", async () => {
  await using hub = await userFixture();
  const attempts = new Attempts({ database: hub.database, now: () => hub.clock.now });
  const charge = () => attempts.charge({ tenant: "acme", name: "ada", address: PLACE.address });
  const right = hub.clock.now;
  const failAhead = async (ms: number, times: number) => {
    hub.clock.now = right + ms;
    for (let i = 0; i < times; i++) await charge();
    hub.clock.now = right;
  };
  await failAhead(365 * 86_400_000, 5);
  await charge();
  await failAhead(60_000, 4);
  await assert.rejects(charge(), /wait 30 s/);
  hub.clock.now = right + 91_000;
  await charge();
});

Deno.test("Attempts.charge() knows an IPv4 address however it is written", async () => {
  await using hub = await userFixture();
  const attempts = new Attempts({ database: hub.database, now: () => hub.clock.now });
  const from = (address: string, name: string) =>
    attempts.charge({ tenant: "acme", name, address });
  for (let i = 0; i < 20; i++) await from("::ffff:192.0.2.7", `name${i}`);
  await assert.rejects(from("192.0.2.7", "ada"), is("too_many_attempts"));
  await from("::ffff:192.0.2.8", "ada");
});

Deno.test("SignIn.requireSelf() asks for the password, or for a session that is new", async () => {
  await using hub = await userFixture();
  await hub.user("ada");
  const ada = (await hub.sessions.find(await hub.enter("ada")))!;
  await hub.signIn.requireSelf(ada, PASSWORD, PLACE);
  await assert.rejects(hub.signIn.requireSelf(ada, WRONG, PLACE), is("bad_credentials"));
  await assert.rejects(hub.signIn.requireSelf(ada, "", PLACE), is("bad_credentials"));
  // As one who signs in with a passkey alone.
  const ben = { ...ada, user: { ...ada.user, hasPassword: false } };
  await hub.signIn.requireSelf(ben, "", PLACE);
  hub.clock.now += USER_LIMITS.SESSION_NEW_MS;
  await assert.rejects(hub.signIn.requireSelf(ben, "", PLACE), is("sign_in_again"));
});

Deno.test("SignIn.withPassword() writes a failure down for names that somebody has", async () => {
  await using hub = await userFixture();
  await hub.user("ada");
  await assert.rejects(hub.enter("ada", WRONG), is("bad_credentials"));
  await assert.rejects(hub.enter("<script>", WRONG), is("bad_credentials"));
  await hub.written();
  const { items } = await hub.audit.list("acme", { action: "session_refused" });
  assert.deepEqual(items.map(({ subject, detail }) => [subject, detail]), [
    ["ada", { address: PLACE.address }],
  ]);
});
