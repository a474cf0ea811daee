import assert from "node:assert/strict";
import { consoleFixture, ORIGIN, PASSWORD } from "./fixture.ts";

const AGENT = "writ-key:AAAA";

Deno.test("the console takes a form only from a page of the same session", async (t) => {
  await using hub = await consoleFixture();
  await hub.agent({ id: AGENT });
  const ada = await hub.enter("ada");
  const eve = await hub.enter("eve");
  const path = `/agents/${encodeURIComponent(AGENT)}/rename`;
  const token = await ada.formToken();
  const refused: Record<string, [fields: Record<string, string>, headers: Record<string, string>]> =
    {
      "of another site": [{}, { origin: "https://evil.example" }],
      "of the other listener": [{}, { origin: "https://console.example:8443" }],
      "of a sandboxed page": [{}, { origin: "null" }],
      "without a token": [{ form: "" }, {}],
      "with another session's token": [{ form: await eve.formToken() }, {}],
      "with a token that is one letter off": [{ form: `${token.slice(0, -1)}_` }, {}],
      "that is JSON": [{}, { "content-type": "application/json" }],
      "that is plain text": [{}, { "content-type": "text/plain" }],
    };
  for (const [what, [fields, headers]] of Object.entries(refused)) {
    await t.step(what, async () => {
      const { status } = await ada.send(path, { name: "taken", ...fields }, headers);
      assert.ok(status === 403 || status === 400, `${status}`);
    });
  }
  assert.equal((await hub.agents.get("acme", AGENT)).name, AGENT);
  assert.equal((await ada.send(path, { name: "mine" })).status, 303);
  assert.equal((await hub.agents.get("acme", AGENT)).name, "mine");
});

Deno.test("the console takes no form without an Origin", async () => {
  await using hub = await consoleFixture();
  await hub.enter("ada");
  const { host } = new URL(ORIGIN);
  const signIn = (headers: Record<string, string>) =>
    hub.app.request(`${ORIGIN}/sign-in`, {
      method: "POST",
      headers: { host, ...headers },
      body: new URLSearchParams({ fleet: "acme", name: "ada", password: PASSWORD }),
    });
  const refused = await signIn({});
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /a form that another site sent/);
  assert.equal(refused.headers.get("set-cookie"), null);
  assert.equal((await signIn({ origin: ORIGIN })).status, 303);
});

Deno.test("the console answers to no other host name than its own", async (t) => {
  await using hub = await consoleFixture();
  const visit = hub.visit();
  for (const host of ["evil.example", "console.example:81", "127.0.0.1", ""]) {
    await t.step(host, async () => {
      assert.equal((await visit.open("/sign-in", { host })).status, 403);
    });
  }
  assert.equal((await visit.open("/sign-in", { host: "CONSOLE.example" })).status, 200);
});

Deno.test("every answer forbids what is not the console's own", async (t) => {
  await using hub = await consoleFixture();
  const visit = await hub.enter("ada");
  for (const path of ["/", "/sign-in", "/nowhere", "/agents/nobody"]) {
    await t.step(path, async () => {
      const { headers, text } = await visit.open(path);
      const policy = headers.get("content-security-policy")!;
      assert.match(policy, /default-src 'none'/);
      assert.ok(!/unsafe|\*|data:|https?:/.test(policy), policy);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.match(policy, /base-uri 'none'/);
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("cache-control"), "no-store");
      assert.ok(!/\sstyle=|\son\w+=|<style|javascript:/.test(text));
    });
  }
});

Deno.test("the console reads no more of a form than one may be", async () => {
  await using hub = await consoleFixture();
  const visit = hub.visit();
  const password = "x".repeat(300_000);
  assert.equal(
    (await visit.send("/sign-in", { fleet: "acme", name: "ada", password })).status,
    413,
  );
});

Deno.test("pages need the scope of what they show or do", async (t) => {
  await using hub = await consoleFixture();
  await hub.agent({ id: AGENT, standing: "pending" });
  const viewer = await hub.enter("vic", "viewer");
  const operator = await hub.enter("ona", "operator");
  const admin = await hub.enter("ada", "admin");
  const path = `/agents/${encodeURIComponent(AGENT)}`;
  await t.step("a viewer sees the agent and no way to change it", async () => {
    const { status, text } = await viewer.open(path);
    assert.equal(status, 200);
    assert.ok(!text.includes(`${path}/approve`));
  });
  for (const [who, visit] of Object.entries({ viewer, operator })) {
    await t.step(`approval by a ${who}`, async () => {
      const { status, text } = await visit.send(`${path}/approve`, { labels: "" });
      assert.equal(status, 403);
      assert.match(text, /Only admins may do this/);
      assert.equal((await hub.agents.get("acme", AGENT)).standing, "pending");
    });
  }
  await t.step("approval by an admin", async () => {
    assert.equal((await admin.send(`${path}/approve`, { labels: "office" })).status, 303);
    const agent = await hub.agents.get("acme", AGENT);
    assert.deepEqual([agent.standing, agent.labels], ["approved", ["office"]]);
  });
});

Deno.test("no page of a tenant opens anything of another", async (t) => {
  await using hub = await consoleFixture();
  await hub.agent({ id: AGENT, name: "secret-machine" });
  const eve = await hub.enter("eve", "admin", "other");
  const path = `/agents/${encodeURIComponent(AGENT)}`;
  for (const page of [path, "/agents", "/agents?search=secret", "/"]) {
    await t.step(page, async () => {
      assert.ok(!(await eve.open(page)).text.includes("secret-machine"));
    });
  }
  for (const action of ["approve", "labels", "rename", "revoke"]) {
    await t.step(action, async () => {
      const fields = { labels: "mine", name: "mine", reason: "mine" };
      assert.equal((await eve.send(`${path}/${action}`, fields)).status, 404);
    });
  }
  assert.equal((await hub.agents.get("acme", AGENT)).standing, "approved");
});
