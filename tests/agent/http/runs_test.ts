import assert from "node:assert/strict";
import { AGENT_LIMITS } from "../../../runtime/agent/limits.ts";
import { TestApp } from "../app_fixture.ts";

Deno.test("HEAD /v1/runs/:id/events takes no place among the open streams", async () => {
  await using test = await TestApp.open();
  const { run } = await (await test.send(test.fleet.order(test.id).envelope)).json();
  const path = `/v1/runs/${run}/events`;
  for (let i = 0; i <= AGENT_LIMITS.EVENT_STREAMS; i++) {
    const { status, headers } = await test.ask(path, { method: "HEAD" });
    assert.deepEqual([status, headers.get("content-type")], [200, "text/event-stream"]);
  }
  const events = await test.ask(path);
  assert.equal(events.status, 200);
  await events.text();
});

Deno.test("GET /v1/runs pages from the newest back", async () => {
  await using test = await TestApp.open();
  for (let i = 0; i < 3; i++) await (await test.send(test.fleet.order(test.id).envelope)).text();
  const ids = async (query: string) => {
    const { runs } = await (await test.ask(`/v1/runs${query}`)).json();
    return runs.map(({ id }: { id: number }) => id);
  };
  assert.deepEqual(await ids(""), [3, 2, 1]);
  assert.deepEqual(await ids("?limit=2"), [3, 2]);
  assert.deepEqual(await ids("?limit=2&before=2"), [1]);
  assert.equal((await test.ask("/v1/runs?limit=x")).status, 400);
});

Deno.test("GET /v1/audit shows rows and the signed head", async () => {
  await using test = await TestApp.open();
  await (await test.send(test.fleet.order(test.id).envelope)).text();
  const { rows, head } = await (await test.ask("/v1/audit?after=0&limit=1")).json();
  assert.equal(rows[0].event, "order_accepted");
  assert.equal(head.agent, test.id);
});
