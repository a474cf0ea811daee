import assert from "node:assert/strict";
import type { RunRecord } from "../../runtime/agent/store/runs.ts";
import { TestApp } from "./app_fixture.ts";

/** Room for so many more pages, from none to enough for an order and its whole run. */
const PAGES = 16;

Deno.test("a disk that is full at any write loses nothing that was acknowledged", async () => {
  await using test = await TestApp.open();
  test.fleet.publish("1.0.0");
  const begun: string[] = [];
  test.runner.answer = ({ input }) => {
    begun.push(String(input));
    return { outcome: "ok", result: "x".repeat(9_000) };
  };
  const { store } = test;
  const pagesNow = () => Number(store.sql("PRAGMA page_count").get()!.page_count);
  const limit = (pages: number) => store.sql(`PRAGMA max_page_count = ${pages}`).get();
  const acknowledged = new Map<string, number>();
  const statuses = new Map<number, number>();
  for (let more = 0; more < PAGES; more++) {
    limit(pagesNow() + more);
    // Some of its text is long, so that orders do not fit where their runs would.
    const input = `${more}:${"y".repeat(5_000)}`;
    const { order, envelope } = test.fleet.order(test.id, { input });
    const response = await test.send(envelope);
    const answer = await response.json();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    if (response.status === 202) acknowledged.set(order.id, answer.run);
    else assert.equal(answer.error.code, "disk_full");
    assert.equal((await test.request("/healthz")).status, 200);
  }
  assert.ok(statuses.get(507)! > 0 && statuses.get(202)! > 0, JSON.stringify([...statuses]));

  limit(1_000_000);
  for (const run of acknowledged.values()) {
    await (await test.ask(`/v1/runs/${run}/events`)).text();
  }
  const { runs }: { runs: RunRecord[] } = await (await test.ask("/v1/runs?limit=500")).json();
  assert.deepEqual(
    runs.map(({ id, order, outcome }) => [id, order, outcome?.outcome]),
    [...acknowledged].map(([order, run]) => [run, order, "ok"]).reverse(),
  );
  assert.equal(new Set(begun).size, begun.length, "nothing ran twice");
  assert.equal(begun.length, acknowledged.size);
});
