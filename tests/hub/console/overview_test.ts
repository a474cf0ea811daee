import assert from "node:assert/strict";
import type { HubQueries, SqlValue } from "../../../runtime/hub/database/hub_database.ts";
import { type OrderRow, withCounts } from "../../../runtime/hub/orders/read_orders.ts";
import { consoleFixture } from "./fixture.ts";

/** An order's row, of which only the id matters. */
function orderRow(id: string): OrderRow {
  return {
    ...{ id, script: "acme/echo", version: "*", orderer: "hub", who: "user:ada" },
    ...{ selection: '"all"', created: 0, expires: 1, schedule: null, due: null, cancelled: null },
  };
}

Deno.test("the overview counts agents by presence, versions and what waits", async () => {
  await using hub = await consoleFixture();
  const keyOf = (i: number) => `writ-key:${String(i).padStart(43, "A")}`;
  for (let i = 0; i < 12; i++) {
    await hub.agent({ id: keyOf(i), version: `0.${i}.0`, deno: "2.9.6" });
  }
  await hub.agent({ id: keyOf(12), standing: "pending" });
  await hub.agent({ id: keyOf(13), warning: "cloned key", version: "0.1.0" });
  const ada = await hub.enter("ada");
  const { text } = await ada.open("/");
  assert.match(text, /<b>13<\/b> <span>agents/);
  assert.match(text, /<b>1<\/b> <span>wait for approval/);
  assert.match(text, /<b>1<\/b> <span>warnings/);
  assert.match(text, /aria-label="Agents: offline 13"/);
  // Six versions, and the rest as one.
  assert.match(text, /others<\/span>.*?<b>6<\/b>/);
  assert.match(text, /Nothing was ordered yet/);
});

Deno.test("counting how far orders are reads an index alone", async () => {
  await using hub = await consoleFixture();
  const { database } = hub;
  const asked: [text: string, values: readonly SqlValue[]][] = [];
  const recording: HubQueries = {
    all: (text, values = []) => {
      asked.push([text, values]);
      return database.all(text, values);
    },
    get: (...query) => database.get(...query),
    run: (...query) => database.run(...query),
  };
  await withCounts(recording, "acme", ["a", "b"].map(orderRow));
  assert.equal(asked.length, 1);
  const [[text, values]] = asked as [typeof asked[number]];
  const plan = await database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`, values);
  assert.match(plan.map(({ detail }) => detail).join(), /USING COVERING INDEX/);
});

Deno.test("lists of agents are paged, and keep what they were asked for", async () => {
  await using hub = await consoleFixture();
  for (let i = 0; i < 60; i++) {
    const id = `writ-key:${String(i).padStart(43, "A")}`;
    await hub.agent({ id, name: i % 2 === 0 ? `even-${i}` : `odd-${i}` });
  }
  const ada = await hub.enter("ada");
  const names = (text: string) => [...text.matchAll(/<bdi>((?:even|odd)-\d+)/g)].map((m) => m[1]!);
  const first = await ada.open("/agents?search=&standing=approved");
  assert.equal(names(first.text).length, 50);
  const next = /href="([^"]+)" rel="next"/.exec(first.text)![1]!.replaceAll("&amp;", "&");
  assert.match(next, /standing=approved/);
  const second = await ada.open(next);
  assert.equal(new Set([...names(first.text), ...names(second.text)]).size, 60);
  assert.doesNotMatch(second.text, /rel="next"/);
  assert.equal(names((await ada.open("/agents?search=even-")).text).length, 30);
});
