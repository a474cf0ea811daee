import assert from "node:assert/strict";
import type { HubDatabase } from "../../runtime/hub/database/hub_database.ts";
import { openHubDatabase } from "../../runtime/hub/database/open_database.ts";
import { DELIVERIES_BY_DOCUMENT } from "../../runtime/hub/orders/delivery_tables.ts";
import { HubError } from "../../runtime/hub/mod.ts";
import { readHistory } from "../../runtime/hub/orders/read_deliveries.ts";
import { testInBothStores } from "./stores.ts";

testInBothStores("readHistory()", {
  "finds what an agent was ordered behind thousands of orders of others": async (name) => {
    await using database = await openHubDatabase(name);
    await addOrders(database, 2_001);
    for (const i of [0, 1_000, 1_001, 2_000]) await addDelivery(database, i, "box");
    await addDelivery(database, 2_000, "other");
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await readHistory(database, "acme", "box", { after, limit: 1 });
      seen.push(...page.items.map(({ order }) => order));
      after = page.next ?? undefined;
    } while (after !== undefined);
    assert.deepEqual(seen, ["order2000", "order1001", "order1000", "order0"]);
    const all = await readHistory(database, "acme", "box", {});
    assert.deepEqual([all.items.map(({ order }) => order), all.next], [seen, null]);
    for (const [tenant, agent] of [["acme", "nobody"], ["globex", "box"]] as const) {
      await assert.rejects(
        readHistory(database, tenant, agent, {}),
        (e) => e instanceof HubError && e.code === "not_found",
      );
    }
  },
  "looks through so many orders for one page, and says where to go on": async (name) => {
    await using database = await openHubDatabase(name);
    await addOrders(database, 1_001);
    await addDelivery(database, 0, "box");
    const first = await readHistory(database, "acme", "box", {}, 1);
    assert.deepEqual(first.items, []);
    assert.ok(first.next !== null);
    const second = await readHistory(database, "acme", "box", { after: first.next }, 1);
    assert.deepEqual([second.items.length, second.next], [1, null]);
  },
  "stays as it was when its table is written anew": async (name) => {
    await using database = await openHubDatabase(name);
    await addOrders(database, 1);
    await addDelivery(database, 0, "box");
    await database.run(
      "UPDATE deliveries SET state = 'refused', refusal = 'no', lease = 7, run = 2",
    );
    // Columns that came later are no part of what is copied.
    await database.run("ALTER TABLE deliveries DROP COLUMN left_out");
    const before = await database.all("SELECT * FROM deliveries");
    for (const statement of DELIVERIES_BY_DOCUMENT.replace(/--.*$/gm, "").split(";")) {
      if (statement.trim() !== "") await database.run(statement);
    }
    assert.deepEqual(await database.all("SELECT * FROM deliveries"), before);
  },
});

/** Two of each millisecond. */
async function addOrders(database: HubDatabase, count: number): Promise<void> {
  await database.run(
    `INSERT INTO agents (tenant, id, public_key, name, standing, enrolled)
     VALUES ('acme', 'box', 'key', 'box', 'approved', 1), ('acme', 'other', 'key', 'o', 'approved', 1)`,
  );
  await database.transaction(async (tx) => {
    for (let i = 0; i < count; i++) {
      await tx.run(
        `INSERT INTO orders (tenant, id, script, version, orderer, who, selection, created, expires)
         VALUES ('acme', ?1, 'acme/echo', '*', 'hub', 'system', '"all"', ?2, 9)`,
        [`order${i}`, 1 + (i >> 1)],
      );
    }
  });
}

async function addDelivery(database: HubDatabase, order: number, agent: string): Promise<void> {
  await database.run(
    `INSERT INTO deliveries (tenant, agent, document, order_id, state, expires, reported_run,
       reported_seq, events, updated)
     VALUES ('acme', ?1, ?2, ?2, 'ended', 9, 0, 0, 0, 1)`,
    [agent, `order${order}`],
  );
}
