import assert from "node:assert/strict";
import { VerificationError } from "../../runtime/core/errors.ts";
import { AgentError } from "../../runtime/agent/errors.ts";
import { enrolAgent } from "../../runtime/agent/hub_link/enrol.ts";
import {
  type EnrolToken,
  formatEnrolToken,
  parseEnrolToken,
} from "../../runtime/agent/hub_link/enrol_token.ts";
import { Backoff } from "../../runtime/agent/hub_link/backoff.ts";
import { PeerError } from "../../runtime/peer/mod.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { TestHub, WHO } from "./hub_fixture.ts";

/** Tries to enrol with a token of the hub's, changed in one part. */
async function enrolWith(hub: TestHub, change: Partial<EnrolToken>, url = hub.hub.url) {
  const { enrolment } = hub.services;
  const { token } = await enrolment.create("acme", WHO, { expiresMs: 60_000, approved: true });
  using folder = new TemporaryDir();
  return await enrolAgent({
    ...{ stateDir: `${folder.path}/state`, url, name: "box", now: Date.now },
    token: formatEnrolToken({ ...parseEnrolToken(token), ...change }),
  });
}

/** Whether no machine has shown its token's secret to the hub. */
async function isUntold(hub: TestHub): Promise<boolean> {
  const { items } = await hub.services.enrolment.list("acme");
  return items.every(({ usedBy }) => usedBy === null);
}

Deno.test("enrolAgent() tells a hub nothing that shows another root than the token pins", async () => {
  await using hub = await TestHub.start();
  const root = `sha256:${"0".repeat(64)}` as const;
  await assert.rejects(
    enrolWith(hub, { root }),
    (e) => e instanceof VerificationError && e.code === "root_not_pinned",
  );
  assert.ok(await isUntold(hub));
  assert.equal((await enrolWith(hub, {})).standing, "approved");
});

Deno.test("enrolAgent() tells a hub nothing that cannot prove the key that the token names", async () => {
  await using hub = await TestHub.start();
  const other = `writ-key:${"A".repeat(43)}` as const;
  await assert.rejects(
    enrolWith(hub, { hub: other }),
    (e) => e instanceof AgentError && e.code === "hub_refused",
  );
  assert.ok(await isUntold(hub));
});

Deno.test("enrolAgent() believes no answer that the hub's key did not sign", async () => {
  await using hub = await TestHub.start();
  const asked: string[] = [];
  const roots = (await hub.services.lists.roots("acme")).map(({ envelope }) => envelope);
  const texts = roots.map((envelope) => new TextDecoder().decode(envelope));
  await using copy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return Response.json({ roots: texts });
  });
  const url = `http://127.0.0.1:${copy.addr.port}`;
  await assert.rejects(
    enrolWith(hub, {}, url),
    (e) => e instanceof PeerError && e.code === "unsigned",
  );
  // The secret would have gone with a POST.
  assert.deepEqual(asked, ["GET /agents/v1/acme/roots"]);
});

Deno.test("enrolAgent() finds no fleet of a name that the hub does not know", async () => {
  await using hub = await TestHub.start();
  await assert.rejects(
    enrolWith(hub, { tenant: "nobody" }),
    (e) => e instanceof VerificationError && e.code === "root_not_pinned",
  );
});

Deno.test("enrolAgent() is refused by the hub with a secret that is nobody's", async () => {
  await using hub = await TestHub.start();
  await assert.rejects(
    enrolWith(hub, { secret: "A".repeat(43) }),
    (e) => e instanceof AgentError && e.code === "hub_refused",
  );
});

Deno.test("parseEnrolToken() refuses what no hub made, and does not repeat it", () => {
  const token: EnrolToken = {
    ...{ tenant: "acme", root: `sha256:${"0".repeat(64)}`, secret: "B".repeat(43) },
    hub: `writ-key:${"A".repeat(43)}`,
  };
  const good = formatEnrolToken(token);
  assert.deepEqual(parseEnrolToken(good), token);
  const bad = ["", "wenrol_", good.slice(1), `${good}.x`, good + "=", good.replace("acme", "../x")];
  for (const text of bad) {
    assert.throws(
      () => parseEnrolToken(text),
      (e) => e instanceof AgentError && e.code === "enrol_token" && !e.message.includes("BBBB"),
      text,
    );
  }
});

Deno.test("Backoff.next() spreads agents over all of a bound that doubles, up to 15 s", () => {
  const most = new Backoff(() => 1);
  assert.deepEqual([1, 2, 3, 4].map(() => most.next()), [1_000, 2_000, 4_000, 8_000]);
  for (let i = 0; i < 50; i++) most.next();
  assert.equal(most.next(), 15_000);
  most.succeeded(20_000);
  assert.equal(most.next(), 20_000);
  most.succeeded(60_000);
  assert.deepEqual([most.next(), most.next()], [60_000, 60_000], "many agents need longer");
  const least = new Backoff(() => 0);
  assert.equal(least.next(), 0);
});

Deno.test("Backoff.succeeded() lets no hub keep agents away, or have them all at once", () => {
  const backoff = new Backoff(() => 1);
  backoff.succeeded(Number.MAX_SAFE_INTEGER);
  assert.equal(backoff.next(), 300_000);
  backoff.succeeded(0);
  assert.equal(backoff.next(), 1_000);
});

Deno.test("Backoff.busy() makes the next wait longer than an agent would wait otherwise", () => {
  const most = new Backoff(() => 1);
  most.succeeded(20_000);
  most.busy();
  assert.equal(most.next(), 22_000);
  most.busy();
  assert.equal(most.next(), 42_000);
  most.busy();
  assert.equal(most.next(), 62_000);
  assert.equal(most.next(), 20_000, "the hub is gone, which is another thing");
  const least = new Backoff(() => 0);
  least.busy();
  assert.deepEqual([least.next(), least.next()], [2_000, 0]);
});

Deno.test("Backoff.refused() keeps an agent away for minutes, until a hub takes it again", () => {
  const least = new Backoff(() => 0);
  least.refused();
  assert.deepEqual([least.next(), least.next()], [300_000, 300_000]);
  const most = new Backoff(() => 1);
  most.refused();
  assert.equal(most.next(), 600_000);
  most.succeeded(1_000);
  assert.equal(most.next(), 1_000);
});
