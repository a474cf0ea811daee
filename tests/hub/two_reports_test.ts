import assert from "node:assert/strict";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import type { HubDatabase } from "../../runtime/hub/database/hub_database.ts";
import { openHubDatabase } from "../../runtime/hub/database/open_database.ts";
import { HubError } from "../../runtime/hub/mod.ts";
import { Deliveries } from "../../runtime/hub/orders/deliveries.ts";
import { testInBothStores } from "./stores.ts";

const AGENT = `writ-key:${"A".repeat(43)}` as KeyId;
const ORDER = crypto.randomUUID();
const REPORT = {
  ...{ type: "events", order: ORDER, over: false } as const,
  events: [{ run: 1, seq: 1, time: 1, event: '{"type":"state","state":"running"}' }],
};

testInBothStores("Deliveries.report() of a hub that hung", {
  "takes nothing back that the agent has told another hub since": async (name) => {
    await using database = await openHubDatabase(name);
    await database.run(
      `INSERT INTO deliveries (tenant, agent, document, order_id, state, expires, reported_run,
         reported_seq, events, updated)
       VALUES ('acme', ?1, ?2, ?2, 'running', 9, 0, 0, 0, 1)`,
      [AGENT, ORDER],
    );
    const report = (by: HubDatabase) =>
      new Deliveries({ database: by, now: () => 1 }).report("acme", AGENT, REPORT);
    for (const change of ["state = 'ended'", "reported_run = 1, reported_seq = 9"]) {
      await assert.rejects(
        report(changing(database, change)),
        (e) => e instanceof HubError && e.code === "conflict",
      );
    }
    // The control: nothing of it was kept, and all of it is where nobody came between.
    assert.deepEqual(await database.all("SELECT seq FROM run_log"), []);
    assert.equal((await report(database))?.seq, 1);
  },
});

testInBothStores("Deliveries.lease()", {
  "leases nothing that is cancelled while it looks": async (name) => {
    await using database = await openHubDatabase(name);
    await database.run(
      `INSERT INTO orders (tenant, id, script, version, orderer, who, selection, created, expires)
       VALUES ('acme', ?1, 's', '*', 'hub', 'ada', '"all"', 1, 9)`,
      [ORDER],
    );
    await database.run(
      `INSERT INTO order_documents (tenant, id, order_id, envelope)
       VALUES ('acme', ?1, ?1, '{}')`,
      [ORDER],
    );
    await database.run(
      `INSERT INTO deliveries (tenant, agent, document, order_id, state, expires, reported_run,
         reported_seq, events, updated)
       VALUES ('acme', ?1, ?2, ?2, 'queued', 9, 0, 0, 0, 1)`,
      [AGENT, ORDER],
    );
    const lease = async (by: HubDatabase) =>
      (await new Deliveries({ database: by, now: () => 1 }).lease("acme", AGENT, true)).sent;
    assert.deepEqual(await lease(changing(database, "state = 'cancelled'")), []);
    const [row] = await database.all<{ state: string }>("SELECT state FROM deliveries");
    assert.equal(row!.state, "cancelled");
    // The control: what still waits is sent.
    await database.run("UPDATE deliveries SET state = 'queued'");
    assert.deepEqual((await lease(database)).map(({ document }) => document), [ORDER]);
  },
});

/** Changes deliveries between what a transaction reads of them and what it writes. */
function changing(database: HubDatabase, change: string): HubDatabase {
  return {
    kind: database.kind,
    all: (sql, values) => database.all(sql, values),
    get: (sql, values) => database.get(sql, values),
    run: (sql, values) => database.run(sql, values),
    transaction: (work) =>
      database.transaction((tx) =>
        work({
          ...{
            run: (sql, values) => tx.run(sql, values),
          },
          async all<Row>(sql: string, values?: Parameters<typeof tx.all>[1]) {
            const rows = await tx.all<Row>(sql, values);
            await tx.run(`UPDATE deliveries SET ${change}`);
            return rows;
          },
          async get<Row>(sql: string, values?: Parameters<typeof tx.get>[1]) {
            const row = await tx.get<Row>(sql, values);
            await tx.run(`UPDATE deliveries SET ${change}`);
            return row;
          },
        })
      ),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
