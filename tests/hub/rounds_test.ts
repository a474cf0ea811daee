/** What a hub finds out by itself, from one round to the next. */
import assert from "node:assert/strict";
import { startHub } from "../../runtime/hub/mod.ts";
import { HubClient } from "../../runtime/agent/hub_link/hub_client.ts";
import { secondState } from "./faults/hub_program.ts";
import { TestHub, WHO } from "./hub_fixture.ts";
import { RawAgent, RawLink } from "./raw_agent.ts";
import { signedList } from "./signed_lists.ts";
import { testInBothStores } from "./stores.ts";

const HOUR_MS = 3_600_000;

testInBothStores("a round of a hub", {
  "tells its agents of a list that another hub carried, though no message came": async (
    database,
  ) => {
    await using hub = await TestHub.start({ database });
    const listen = { hostname: "127.0.0.1", port: 0 };
    await using other = await startHub({ stateDir: secondState(hub), database, listen });
    const first = signedList(hub, 1, null);
    await hub.services.lists.put("acme", WHO, first);
    using agent = await RawAgent.enrolled(hub);
    const at = { url: other.url, id: other.id, tenant: "acme" };
    using client = new HubClient({ hub: at, signer: agent.signer, now: Date.now });
    using link = new RawLink(await client.connect(AbortSignal.timeout(20_000)));
    assert.equal((await link.hear("standing")).list?.version, 1);
    await hub.services.lists.put("acme", WHO, signedList(hub, 2, first));
    await other.round();
    assert.equal((await link.hear("standing")).list?.version, 2);
    // Nobody is told twice: what it says next is the answer to this.
    await other.round();
    await link.say({ type: "events", order: crypto.randomUUID(), events: [], over: true });
    const { value } = await link.socket.messages[Symbol.asyncIterator]().next();
    assert.equal(JSON.parse(String(value)).type, "stored");
  },
  "sends again what was not answered, however many of others are away": async (database) => {
    await using hub = await TestHub.start({ database });
    using agent = await RawAgent.enrolled(hub);
    using link = await agent.connect();
    await link.hello();
    await link.hear("standing");
    const { database: db, orders } = hub.services;
    await db.transaction(async (tx) => {
      for (let i = 0; i < 1_000; i++) {
        const id = `writ-key:${String(i).padStart(43, "0")}`;
        await tx.run(
          `INSERT INTO agents (tenant, id, public_key, name, standing, enrolled)
           VALUES ('other', ?1, 'key', 'away', 'approved', 1)`,
          [id],
        );
        await tx.run(
          `INSERT INTO deliveries (tenant, agent, document, order_id, state, lease, expires,
             reported_run, reported_seq, events, updated)
           VALUES ('other', ?1, 'd', 'o', 'sent', 1, ?2, 0, 0, 0, 1)`,
          [id, Date.now() + HOUR_MS],
        );
      }
    });
    await orders.create("acme", WHO, {
      ...{ script: { name: "acme/echo", range: "*" }, select: "all", expiresMs: HOUR_MS },
    });
    const { order } = await link.hear("order");
    await db.run("UPDATE deliveries SET lease = ?1 WHERE tenant = 'acme'", [Date.now() - 1]);
    await hub.hub.round();
    assert.equal((await link.hear("order")).order, order);
  },
});
