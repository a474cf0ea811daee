import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import { HubContent } from "../../runtime/hub/content/hub_content.ts";
import { openHubDatabase } from "../../runtime/hub/database/open_database.ts";
import { HUB_LIMITS, HubError } from "../../runtime/hub/mod.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { RawAgent } from "./raw_agent.ts";
import { testInBothStores } from "./stores.ts";

const LETTER = new TextEncoder().encode("payslip of ada");
const SHA256 = digestOf(LETTER);

async function upload(hub: TestHub, bytes: Uint8Array = LETTER) {
  const digest = digestOf(bytes);
  await hub.services.content.put("acme", digest, ReadableStream.from([bytes]));
  return digest;
}

function orderWithLetter(hub: TestHub, agent: RawAgent, expiresMs = 60_000) {
  return hub.services.orders.create("acme", WHO, {
    ...{ script: { name: "acme/echo", range: "*" }, select: { agents: [agent.id] }, expiresMs },
    attachments: [{ name: "letter.txt", sha256: SHA256, length: LETTER.length }],
  });
}

const hexOf = (digest: string) => digest.slice("sha256:".length);

testInBothStores("what is uploaded to the hub", {
  "is given to whom an order with it is for, and to nobody else by its hash": async (database) => {
    await using hub = await TestHub.start({ database });
    using ada = await RawAgent.enrolled(hub);
    using ben = await RawAgent.enrolled(hub);
    await upload(hub);
    await orderWithLetter(hub, ada);
    using link = await ada.connect();
    await link.hello();
    const { order } = await link.hear("order");
    assert.deepEqual(await ada.client.get(`orders/${order}/blobs/${SHA256}`, 1_000), LETTER);
    for (const kind of ["modules", "releases"]) {
      const path = `source/v1/${kind}/${hexOf(SHA256)}`;
      assert.equal(await ben.client.get(path, 1_000), undefined, kind);
    }
    assert.equal(await ben.client.get(`orders/${order}/blobs/${SHA256}`, 1_000), undefined);
    // The control: what a script is made of is for every agent.
    const { module, envelope } = hub.fleet.publish("1.0.0");
    const path = `source/v1/modules/${hexOf(await upload(hub, module))}`;
    assert.equal(await ben.client.get(path, 10_000), undefined, "before it is published");
    await hub.services.scripts.publish("acme", WHO, envelope);
    assert.deepEqual(await ben.client.get(path, 10_000), module);
  },
  "is bounded also while it is on its way": async (where) => {
    await using database = await openHubDatabase(where);
    const content = new HubContent({ database, now: Date.now, silentMs: 50 });
    const coded = (code: string) => (e: unknown) => e instanceof HubError && e.code === code;
    const put = (bytes: Uint8Array) =>
      content.put("acme", digestOf(bytes), ReadableStream.from([bytes]));
    await database.run("INSERT INTO content VALUES ('acme', 'sha256:more', ?1, 1)", [
      HUB_LIMITS.CONTENT_OF_TENANT_BYTES - HUB_LIMITS.CHUNK_BYTES,
    ]);
    const long = new Uint8Array(2 * HUB_LIMITS.CHUNK_BYTES);
    await assert.rejects(put(long), coded("quota"), "half of it fits");
    assert.equal(await put(LETTER), LETTER.length);
    await database.run("DELETE FROM content WHERE digest = 'sha256:more'");
    const stuck = Array.from({ length: HUB_LIMITS.UPLOADS }, (_, i) => {
      const never = new ReadableStream<Uint8Array>();
      return assert.rejects(content.put("acme", digestOf(new Uint8Array(i)), never), coded("busy"));
    });
    await assert.rejects(put(long), coded("busy"), "as many are under way as may be");
    await Promise.all(stuck);
    assert.equal(await put(long), long.length);
  },
  "goes when nothing needs it any more, and what was never whole with it": async (database) => {
    let later = 0;
    await using hub = await TestHub.start({ database, now: () => Date.now() + later });
    using agent = await RawAgent.enrolled(hub);
    const { module, envelope } = hub.fleet.publish("1.0.0");
    const kept = await upload(hub, module);
    await hub.services.scripts.publish("acme", WHO, envelope);
    const unused = await upload(hub, new Uint8Array(10));
    await upload(hub);
    await orderWithLetter(hub, agent);
    // As a hub leaves it that is killed during an upload.
    await hub.services.database.run(
      "INSERT INTO content_chunks VALUES ('acme', ?1, 0, ?2)",
      [`incoming:${Date.now()}:${crypto.randomUUID()}`, new Uint8Array(10)],
    );
    const lengths = async () => {
      const { content } = hub.services;
      return await Promise.all([kept, SHA256, unused].map((one) => content.length("acme", one)));
    };
    await hub.hub.round();
    assert.deepEqual(await lengths(), [module.length, LETTER.length, 10], "not yet");
    later = HUB_LIMITS.UNUSED_CONTENT_MS + 60_000;
    await hub.hub.round();
    assert.deepEqual(await lengths(), [module.length, LETTER.length, undefined]);
    later += HUB_LIMITS.KEPT_MS;
    await hub.hub.round();
    await hub.hub.round();
    assert.deepEqual(await lengths(), [module.length, undefined, undefined]);
    const chunks = await hub.services.database.all("SELECT digest FROM content_chunks");
    assert.equal(chunks.length, 1);
  },
  "has a bound for each tenant": async (database) => {
    await using hub = await TestHub.start({ database });
    await upload(hub);
    await hub.services.database.run("UPDATE content SET length = ?1", [
      HUB_LIMITS.CONTENT_OF_TENANT_BYTES,
    ]);
    await assert.rejects(upload(hub, new Uint8Array(1)), { code: "quota" });
    assert.equal(await upload(hub), SHA256, "what is there already is no more");
    await hub.addTenant("other");
    const other = hub.services.content.put("other", SHA256, ReadableStream.from([LETTER]));
    assert.equal(await other, LETTER.length);
  },
});
