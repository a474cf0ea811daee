import assert from "node:assert/strict";
import { nextPath } from "../../../runtime/hub/console/sign_in/next_path.ts";
import { consoleFixture, ORIGIN, PASSWORD } from "./fixture.ts";

const GOOD = { fleet: "acme", name: "ada", password: PASSWORD };

Deno.test("the console shows nothing to whoever is not signed in", async (t) => {
  await using hub = await consoleFixture();
  const visit = hub.visit();
  for (const path of ["/", "/agents", "/agents/x", "/settings", "/users", "/audit"]) {
    await t.step(path, async () => {
      const { status, headers } = await visit.open(path);
      assert.equal(status, 303);
      assert.equal(headers.get("location"), `/sign-in?next=${encodeURIComponent(path)}`);
    });
  }
  assert.equal((await visit.open("/sign-in")).status, 200);
});

Deno.test("signing in gives a session that scripts cannot read and other sites not use", async () => {
  await using hub = await consoleFixture();
  await hub.enter("ada");
  const visit = hub.visit();
  const { status, headers } = await visit.send("/sign-in", { ...GOOD, next: "/agents" });
  assert.equal(status, 303);
  assert.equal(headers.get("location"), "/agents");
  assert.match(
    headers.get("set-cookie")!,
    /^__Host-writ=acme\.[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
  assert.match((await visit.open("/")).text, /<h1>Overview<\/h1>/);
});

Deno.test("signing in gives another session than the browser came with", async () => {
  await using hub = await consoleFixture();
  await hub.enter("ada");
  const eve = await hub.enter("eve", "viewer");
  const victim = hub.visit();
  victim.cookie = eve.cookie;
  await victim.send("/sign-in", GOOD);
  assert.notEqual(victim.cookie, eve.cookie);
  assert.match((await eve.open("/")).text, /<b>eve<\/b>/);
  assert.match((await victim.open("/")).text, /<b>ada<\/b>/);
});

Deno.test("signing in says no more than that something is wrong, and waits after failures", async () => {
  const now = Date.now();
  await using hub = await consoleFixture({ now: () => now });
  await hub.enter("ada");
  const visit = hub.visit();
  const wrong = await visit.send("/sign-in", { ...GOOD, password: "a wrong orange lamp" });
  assert.equal(wrong.status, 403);
  assert.match(wrong.text, /fleet, name or password is wrong/);
  assert.equal(wrong.headers.get("set-cookie"), null);
  for (let i = 0; i < 4; i++) await visit.send("/sign-in", { ...GOOD, password: "wrong" });
  const waits = await visit.send("/sign-in", GOOD);
  assert.equal(waits.status, 429);
  assert.match(waits.text, /wait 30 s/);
  assert.equal(waits.headers.get("retry-after"), "30");
  assert.equal(wrong.headers.get("retry-after"), null);
});

Deno.test("signing in shows a name that was typed as text", async () => {
  await using hub = await consoleFixture();
  const name = `"><script>alert(1)</script>`;
  const { text } = await hub.visit().send("/sign-in", { ...GOOD, name, fleet: name });
  assert.ok(!text.includes("<script>alert"));
});

Deno.test("signing out ends the session for good", async () => {
  await using hub = await consoleFixture();
  const visit = await hub.enter("ada");
  const { cookie } = visit;
  assert.equal((await visit.send("/sign-out", {})).status, 303);
  assert.equal(visit.cookie, "");
  visit.cookie = cookie;
  assert.equal((await visit.open("/")).status, 303);
});

Deno.test("signing out everywhere ends the sessions of other browsers too", async () => {
  await using hub = await consoleFixture();
  const first = await hub.enter("ada");
  const second = hub.visit();
  await second.send("/sign-in", GOOD);
  await first.send("/sign-out-everywhere", {});
  assert.equal((await second.open("/")).status, 303);
});

Deno.test("nextPath() leads nowhere but into the console", async (t) => {
  const cases: Record<string, string> = {
    "/agents?after=x": "/agents?after=x",
    "agents": "/agents",
    "": "/",
    "https://console.example/users": "/users",
    "https://evil.example/": "/",
    "//evil.example/": "/",
    "/\\evil.example": "/",
    "\\\\evil.example": "/",
    "/.//evil.example": "/",
    "https:evil.example": "/evil.example",
    "javascript:alert(1)": "/",
    "data:text/html,x": "/",
    "http://console.example/": "/",
    "https://console.example@evil.example/": "/",
    "https://console.example.evil.example/": "/",
    "/\t/evil.example": "/",
    "/agents\r\nSet-Cookie: a=b": "/agentsSet-Cookie:%20a=b",
  };
  for (const [asked, expected] of Object.entries(cases)) {
    await t.step(JSON.stringify(asked), () => assert.equal(nextPath(asked, ORIGIN), expected));
  }
});

Deno.test("an invitation is taken up on its page, once", async () => {
  await using hub = await consoleFixture();
  const { invitation } = await hub.users.invite("acme", "system", { name: "bob", role: "viewer" });
  const visit = hub.visit();
  const page = await visit.open(`/welcome?fleet=acme&invitation=${invitation}`);
  assert.match(page.text, /value="bob"/);
  const fields = { fleet: "acme", invitation };
  assert.equal((await visit.send("/welcome", { ...fields, password: "short" })).status, 400);
  assert.equal((await visit.send("/welcome", { ...fields, password: PASSWORD })).status, 303);
  assert.match((await visit.open("/")).text, /<b>bob<\/b>/);
  const again = await hub.visit().send("/welcome", { ...fields, password: PASSWORD });
  assert.equal(again.status, 404);
});
