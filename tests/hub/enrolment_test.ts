import assert from "node:assert/strict";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import type { HubDatabase } from "../../runtime/hub/database/hub_database.ts";
import { lockTenant } from "../../runtime/hub/database/lock_tenant.ts";
import { HubError } from "../../runtime/hub/mod.ts";
import { parseEnrolToken } from "../../runtime/agent/hub_link/enrol_token.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { TestHub, until, WHO } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

const MINUTE = 60_000;

/** A machine as the hub meets it: with a key of its own, and a token. */
async function knock(hub: TestHub, options: { approved?: boolean; labels?: string[] } = {}) {
  const { services } = hub;
  const made = await services.enrolment.create("acme", WHO, { expiresMs: MINUTE, ...options });
  const { secret } = parseEnrolToken(made.token);
  const key = generateSigner().publicKey;
  const request = { secret, key, name: "box" };
  return { made, request, id: keyId(key), enrol: () => services.enrolment.enrol("acme", request) };
}

function withCode(code: string) {
  return (error: unknown) => error instanceof HubError && error.code === code;
}

/** Begins some work while an agent is being revoked, which is over when the work waits for it. */
async function whileRevoked(hub: TestHub, id: KeyId, work: () => Promise<unknown>) {
  const { database } = hub.services;
  return await database.transaction(async (tx) => {
    await lockTenant(tx, "acme");
    await tx.run("UPDATE agents SET standing = 'revoked' WHERE id = ?1", [id]);
    const failure = work().then(() => undefined, (error: unknown) => error);
    // With SQLite it waits for this to be over before it looks.
    if (database.kind === "postgres") await until(hub, () => waitsForALock(database));
    return { failure };
  });
}

async function waitsForALock(database: HubDatabase): Promise<boolean> {
  const row = await database.get<{ count: number }>(
    `SELECT count(*) AS count FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return row!.count > 0;
}

testInBothStores("Enrolment", {
  "enrol() takes a machine with a pre-approved token, its labels with it": async (database) => {
    await using hub = await TestHub.start({ database });
    const { enrol, id } = await knock(hub, { approved: true, labels: ["office"] });
    assert.deepEqual(await enrol(), { standing: "approved", labels: ["office"] });
    const agent = await hub.services.agents.get("acme", id);
    assert.deepEqual([agent.standing, agent.labels, agent.approvedBy], [
      "approved",
      ["office"],
      WHO,
    ]);
  },
  "enrol() lets a machine wait whose token says nothing": async (database) => {
    await using hub = await TestHub.start({ database });
    const { enrol, id } = await knock(hub);
    assert.equal((await enrol()).standing, "pending");
    await hub.services.agents.approve("acme", WHO, id, { labels: ["lab"] });
    const agent = await hub.services.agents.get("acme", id);
    assert.deepEqual([agent.standing, agent.labels], ["approved", ["lab"]]);
  },
  "enrol() gives back nothing to a machine that is revoked while it asks again": async (name) => {
    await using hub = await TestHub.start({ database: name });
    const { enrol, id } = await knock(hub, { approved: true });
    await enrol();
    const again = await whileRevoked(hub, id, enrol);
    assert.ok(withCode("conflict")(await again.failure));
    assert.equal((await hub.services.agents.get("acme", id)).standing, "revoked");
  },
  "Agents.approve() gives back nothing to one that is revoked meanwhile": async (name) => {
    await using hub = await TestHub.start({ database: name });
    const { enrol, id } = await knock(hub);
    await enrol();
    const { agents } = hub.services;
    const approved = await whileRevoked(hub, id, () => agents.approve("acme", WHO, id));
    assert.ok(withCode("conflict")(await approved.failure));
    assert.equal((await agents.get("acme", id)).standing, "revoked");
  },
  "enrol() answers the same machine again, and no second one": async (database) => {
    await using hub = await TestHub.start({ database });
    const { enrol, request } = await knock(hub, { approved: true });
    await enrol();
    await enrol();
    const second = { ...request, key: generateSigner().publicKey };
    await assert.rejects(hub.services.enrolment.enrol("acme", second), withCode("token_spent"));
  },
  "enrol() lets one of two machines win that come at once": async (database) => {
    await using hub = await TestHub.start({ database });
    const { request } = await knock(hub, { approved: true });
    const both = [request, { ...request, key: generateSigner().publicKey }];
    const came = await Promise.allSettled(
      both.map((one) => hub.services.enrolment.enrol("acme", one)),
    );
    assert.deepEqual(came.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  },
  "enrol() refuses a token after its time, one that was revoked, and one of nobody's": async (
    database,
  ) => {
    let late = 0;
    await using hub = await TestHub.start({ database, now: () => Date.now() + late });
    const expired = await knock(hub);
    const revoked = await knock(hub);
    await hub.services.enrolment.revoke("acme", WHO, revoked.made.id);
    await assert.rejects(revoked.enrol(), withCode("token_spent"));
    const stranger = { ...expired.request, secret: "A".repeat(43) };
    await assert.rejects(hub.services.enrolment.enrol("acme", stranger), withCode("token_spent"));
    late = MINUTE + 1;
    await assert.rejects(expired.enrol(), withCode("token_spent"));
  },
  "enrol() refuses a token of another tenant": async (database) => {
    await using hub = await TestHub.start({ database });
    await hub.addTenant("other");
    const { request } = await knock(hub, { approved: true });
    await assert.rejects(hub.services.enrolment.enrol("other", request), withCode("token_spent"));
  },
  "enrol() refuses a key that was revoked, with whatever token": async (database) => {
    await using hub = await TestHub.start({ database });
    const { enrol, id, request } = await knock(hub, { approved: true });
    await enrol();
    await hub.services.agents.revoke("acme", WHO, id, "lost");
    const { request: { secret } } = await knock(hub, { approved: true });
    const again = hub.services.enrolment.enrol("acme", { ...request, secret });
    await assert.rejects(again, withCode("conflict"));
  },
  "enrol() gives the place of an agent to the machine with its token": async (database) => {
    await using hub = await TestHub.start({ database });
    const { agents, enrolment, orders } = hub.services;
    const old = await knock(hub, { approved: true, labels: ["office"] });
    await old.enrol();
    await agents.rename("acme", WHO, old.id, "front desk");
    const waiting = await orders.create("acme", WHO, {
      script: { name: "acme/echo", range: "*" },
      select: { agents: [old.id] },
      expiresMs: MINUTE,
    });
    const { token } = await enrolment.create("acme", WHO, {
      ...{ expiresMs: MINUTE, approved: true, replaces: old.id },
    });
    const key = generateSigner().publicKey;
    const { secret } = parseEnrolToken(token);
    await enrolment.enrol("acme", { secret, key, name: "new box" });
    const made = await agents.get("acme", keyId(key));
    assert.deepEqual([made.name, made.labels, made.replaces], ["front desk", ["office"], old.id]);
    assert.equal((await agents.get("acme", old.id)).standing, "revoked");
    const { items } = await orders.deliveries("acme", waiting.id);
    const where = new Map(items.map(({ agent, state }) => [agent, state]));
    assert.deepEqual([where.get(old.id), where.get(keyId(key))], ["cancelled", "queued"]);
  },
  "finds a name whatever its letters, small or large": async (database) => {
    await using hub = await TestHub.start({ database });
    const { agents } = hub.services;
    const old = await knock(hub, { approved: true });
    await old.enrol();
    await agents.rename("acme", WHO, old.id, "BÜRO");
    const found = async (search: string) => (await agents.list("acme", { search })).items.length;
    assert.deepEqual(await Promise.all(["büro", "ÜR", "bÜro", "buro"].map(found)), [1, 1, 1, 0]);
    using waits = await RawAgent.enrolled(hub, "Büro", false);
    assert.equal((await agents.get("acme", waits.id)).looksLike?.id, old.id);
  },
  "a token gives a place once, with approval, and only while it is somebody's": async (
    database,
  ) => {
    await using hub = await TestHub.start({ database });
    const { agents, enrolment } = hub.services;
    const [old, waits] = [await knock(hub, { approved: true }), await knock(hub)];
    for (const { enrol } of [old, waits]) await enrol();
    const token = (replaces: KeyId, approved = true) =>
      enrolment.create("acme", WHO, { expiresMs: MINUTE, approved, replaces });
    await assert.rejects(token(old.id, false), withCode("bad_request"), "without approval");
    await assert.rejects(token(waits.id), withCode("conflict"), "of one that waits");
    const given = await token(old.id);
    await assert.rejects(token(old.id), withCode("conflict"), "twice");
    await enrolment.revoke("acme", WHO, given.id);
    const next = await token(old.id);
    await agents.revoke("acme", WHO, old.id, "stolen");
    const { secret } = parseEnrolToken(next.token);
    const key = generateSigner().publicKey;
    const late = enrolment.enrol("acme", { secret, key, name: "box" });
    await assert.rejects(late, withCode("conflict"), "of one that was revoked since");
    await assert.rejects(agents.get("acme", keyId(key)), withCode("not_found"));
  },
  "approve() puts a machine that was installed again in its old place": async (database) => {
    await using hub = await TestHub.start({ database });
    const { agents, orders, audit } = hub.services;
    const old = await knock(hub, { approved: true, labels: ["office"] });
    await old.enrol();
    await agents.rename("acme", WHO, old.id, "front desk");
    const { id: order } = await orders.create("acme", WHO, {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: MINUTE },
    });
    const made = await knock(hub);
    await made.enrol();
    const { items: [pending] } = await agents.list("acme", { standing: "pending" });
    const { enrolled } = await agents.get("acme", old.id);
    // By what the machine calls itself, whatever an admin has called it since.
    assert.deepEqual({ ...pending!.looksLike }, {
      id: old.id,
      name: "front desk",
      since: enrolled,
    });
    await agents.approve("acme", WHO, made.id, { replaces: old.id });
    const { name, labels, replaces, standing, looksLike } = await agents.get("acme", made.id);
    assert.deepEqual([name, labels, replaces, standing, looksLike], [
      ...["front desk", ["office"], old.id, "approved", null],
    ]);
    assert.equal((await agents.get("acme", old.id)).replacedBy, made.id);
    const { items } = await orders.deliveries("acme", order);
    const where = new Map(items.map(({ agent, state }) => [agent, state]));
    assert.deepEqual([where.get(old.id), where.get(made.id)], ["cancelled", "queued"]);
    const rows = async (action: string) => (await audit.list("acme", { action })).items;
    assert.equal((await rows("agent_enrolled"))[0]!.detail.looksLike, old.id);
    assert.deepEqual((await rows("agent_approved"))[0]!.detail, { replaces: old.id });
    const { subject, detail } = (await rows("agent_replaced"))[0]!;
    assert.deepEqual([subject, detail], [old.id, { by: made.id }]);
  },
  "approve() gives no place that is not free for one, or to whom has one": async (database) => {
    await using hub = await TestHub.start({ database });
    const { agents } = hub.services;
    const [old, first, second] = await Promise.all(
      [true, false, false].map((approved) => knock(hub, { approved })),
    );
    for (const { enrol } of [old!, first!, second!]) await enrol();
    const place = (id: KeyId, replaces: KeyId) => agents.approve("acme", WHO, id, { replaces });
    await assert.rejects(place(first!.id, second!.id), withCode("conflict"), "of one that waits");
    await assert.rejects(place(first!.id, first!.id), withCode("conflict"), "of itself");
    const nobody = keyId(generateSigner().publicKey);
    await assert.rejects(place(first!.id, nobody), withCode("not_found"));
    // Of two at once one gets it.
    const ended = await Promise.allSettled([
      place(first!.id, old!.id),
      place(second!.id, old!.id),
    ]);
    assert.deepEqual(ended.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    const [taken] = (await agents.list("acme", { standing: "approved" })).items;
    await assert.rejects(place(taken!.id, old!.id), withCode("conflict"), "twice");
    // Nor two places for one at once.
    const others = await Promise.all([1, 2].map(() => knock(hub, { approved: true })));
    for (const { enrol } of others) await enrol();
    const third = await knock(hub);
    await third.enrol();
    const places = await Promise.allSettled(others.map(({ id }) => place(third.id, id)));
    assert.deepEqual(places.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  },
  "a machine looks like no agent that is here, and like none of two": async (database) => {
    await using hub = await TestHub.start({ database });
    using here = await RawAgent.enrolled(hub, "desk");
    const looksLike = async () => {
      const { items } = await hub.services.agents.list("acme", { standing: "pending" });
      return items.map(({ looksLike }) => looksLike?.name);
    };
    const link = await here.connect();
    await link.hear("standing");
    using _waiting = await RawAgent.enrolled(hub, "DESK", false);
    assert.deepEqual(await looksLike(), [undefined]);
    link.socket.close();
    await until(hub, async () => (await looksLike())[0] === "desk");
    using _other = await RawAgent.enrolled(hub, "desk");
    assert.deepEqual(await looksLike(), [undefined]);
  },
  "enrol() refuses more machines than the tenant may have": async (database) => {
    await using hub = await TestHub.start({ database });
    const envelopes = (await hub.services.lists.roots("acme")).map(({ envelope }) => envelope);
    await hub.services.tenants.create(WHO, { id: "small", roots: envelopes, maxAgents: 1 });
    const enrol = async () => {
      const { enrolment } = hub.services;
      const { token } = await enrolment.create("small", WHO, { expiresMs: MINUTE, approved: true });
      const { secret } = parseEnrolToken(token);
      const key = generateSigner().publicKey;
      await enrolment.enrol("small", { secret, key, name: "box" });
    };
    await enrol();
    await assert.rejects(enrol(), withCode("quota"));
  },
  "list() leaves no token out that was made in the same moment as another": async (database) => {
    const now = Date.now();
    await using hub = await TestHub.start({ database, now: () => now });
    const { enrolment } = hub.services;
    for (let i = 0; i < 5; i++) await enrolment.create("acme", WHO, { expiresMs: MINUTE });
    const seen = new Set<string>();
    let after: string | undefined;
    do {
      const page = await enrolment.list("acme", { limit: 2, after });
      for (const { id } of page.items) seen.add(id);
      after = page.next ?? undefined;
    } while (after !== undefined);
    assert.equal(seen.size, 5);
  },
  "create() refuses a token that is good for no time, or for too long": async (database) => {
    await using hub = await TestHub.start({ database });
    for (const expiresMs of [0, -1, NaN, 31 * 24 * 60 * MINUTE]) {
      const made = hub.services.enrolment.create("acme", WHO, { expiresMs });
      await assert.rejects(made, withCode("bad_request"), String(expiresMs));
    }
  },
});
