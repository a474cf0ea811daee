import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import type { HubDatabase, HubQueries } from "../../runtime/hub/database/hub_database.ts";
import { openSqlite } from "../../runtime/hub/database/sqlite.ts";
import { PresenceTable } from "../../runtime/hub/link/presence_table.ts";
import { closeDeliveriesOf, Deliveries } from "../../runtime/hub/orders/deliveries.ts";
import { insertDeliveries, requireRoom } from "../../runtime/hub/orders/insert_order.ts";
import { readDeliveries, readHistory } from "../../runtime/hub/orders/read_deliveries.ts";
import { healthOf } from "../../runtime/hub/rollout/ring_health.ts";
import { TemporaryDir } from "../temporary_dir.ts";

const AGENT = `writ-key:${"a".repeat(43)}` as KeyId;
const ORDER = crypto.randomUUID();
const NOW = Date.now();

/** What is open alone may be counted through. */
const EVERY_ROW =
  /^(SCAN (deliveries|d|orders|o|run_log)\b(?!.*USING.*deliveries_(open|leased|in_time)\b)|SEARCH (?!.*deliveries_open).*\(tenant=\?\)$)/;

Deno.test("no question that the hub asks again and again looks through what is over", async (t) => {
  using folder = new TemporaryDir();
  await using real = await openSqlite(`${folder.path}/hub.db`);
  const asked = new Set<string>();
  const database = noting(real, asked);
  const deliveries = new Deliveries({ database, now: () => NOW });
  const presence = new PresenceTable({
    ...{ database, hub: "here", now: () => NOW, uptime: () => NOW },
  });
  const order = {
    ...{ id: ORDER, script: "acme/echo", version: "*", orderer: "hub", who: "system" } as const,
    ...{
      selection: '"all"',
      created: NOW,
      expires: NOW + 60_000,
      schedule: null,
      due: null,
      cancelled: null,
    },
  } as const;
  const part = { id: ORDER, envelope: new Uint8Array(), agents: [AGENT] };
  const event = JSON.stringify({ type: "state", state: "running" });
  const under = { kind: "list", version: 1, digest: digestOf(new Uint8Array()) } as const;
  const ring = {
    ...{
      ring: 0,
      name: "canary",
      size: 1,
      started: NOW,
      passed: null,
      order: null,
      good: null,
      bad: null,
    },
  };
  await real.run(
    `INSERT INTO agents (tenant, id, public_key, name, standing, enrolled)
     VALUES ('acme', ?1, 'key', 'box', 'approved', ?2)`,
    [AGENT, NOW],
  );
  const steps: Record<string, () => Promise<unknown>> = {
    "room for an order": () => requireRoom(database, "acme", 1, 10),
    "an order": () => insertDeliveries(database, "acme", order, part, null),
    "a lease": () => deliveries.lease("acme", AGENT, true),
    "leases of an order": () => deliveries.leaseOrder("acme", ORDER, [AGENT]),
    "who has something waiting": () => presence.withWaiting(),
    "an answer": () => deliveries.answered("acme", AGENT, { type: "taken", order: ORDER, run: 1 }),
    "a report": () =>
      deliveries.report("acme", AGENT, {
        ...{ type: "events", order: ORDER, over: false },
        events: [{ run: 1, seq: 1, time: NOW, event }],
      }),
    "what is cancelled": () => deliveries.cancelledOf("acme", AGENT),
    "what an agent leaves": () => closeDeliveriesOf(database, "acme", AGENT, "revoked", NOW),
    "what has expired": () => deliveries.expire(NOW),
    "a page of an order": () => readDeliveries(database, "acme", { order: ORDER }),
    "a page of an agent": () => readHistory(database, "acme", AGENT, {}),
    "a ring of a list": () => healthOf(database, "acme", "r", under, ring),
  };
  for (const [name, ask] of Object.entries(steps)) {
    await t.step(name, async () => {
      asked.clear();
      await ask();
      assert.ok(asked.size > 0);
      for (const sql of asked) assert.deepEqual(await scansOf(real, sql), [], sql);
    });
  }
  await t.step("would be found", async () => {
    const found = async (where: string) =>
      (await scansOf(real, `SELECT * FROM deliveries d WHERE ${where}`)).length;
    assert.equal(await found("d.agent = ?1"), 1);
    assert.equal(await found("d.tenant = ?1 AND d.agent = ?2"), 1);
    // Through an index, and every row of it.
    assert.equal((await scansOf(real, "SELECT count(*) FROM deliveries")).length, 1);
  });
});

/** Keeps what is asked. */
function noting(real: HubDatabase, asked: Set<string>): HubDatabase {
  const noted = (to: HubQueries): HubQueries => ({
    all: (sql, values) => to.all(asked.add(sql) && sql, values),
    get: (sql, values) => to.get(asked.add(sql) && sql, values),
    run: (sql, values) => to.run(asked.add(sql) && sql, values),
  });
  return {
    ...noted(real),
    kind: real.kind,
    transaction: (work) => real.transaction((tx) => work(noted(tx))),
    [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
  };
}

/** Where SQLite would read every row of what grows with the past, of a tenant or of all. */
async function scansOf(database: HubDatabase, sql: string): Promise<string[]> {
  const rows = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  return rows.map(({ detail }) => detail).filter((detail) => EVERY_ROW.test(detail));
}
