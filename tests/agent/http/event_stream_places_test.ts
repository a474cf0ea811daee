import assert from "node:assert/strict";
import { EventStreamPlaces } from "../../../runtime/agent/http/event_stream_places.ts";
import { AGENT_LIMITS } from "../../../runtime/agent/limits.ts";
import { generateSigner } from "../../../runtime/core/key.ts";
import { refusalOf, TestApp } from "../app_fixture.ts";

const { EVENT_STREAMS, EVENT_STREAMS_OF_ONE_KEY, EVENT_STREAMS_OF_OPERATOR } = AGENT_LIMITS;

Deno.test("EventStreamPlaces gives each key its share and the operator what is kept for it", () => {
  const places = new EventStreamPlaces();
  const first = generateSigner().publicKey;
  const mine = Array.from({ length: EVENT_STREAMS_OF_ONE_KEY }, () => places.take(first));
  assert.ok(mine.every((leave) => leave));
  assert.equal(places.take(first), undefined);
  mine[0]!();
  mine[0]!();
  assert.ok(places.take(first));
  assert.equal(places.take(first), undefined);
  for (let i = EVENT_STREAMS_OF_ONE_KEY; i < EVENT_STREAMS - EVENT_STREAMS_OF_OPERATOR; i++) {
    assert.ok(places.take(generateSigner().publicKey));
  }
  assert.equal(places.take(generateSigner().publicKey), undefined);
  for (let i = 0; i < EVENT_STREAMS_OF_OPERATOR; i++) assert.ok(places.take(undefined));
  assert.equal(places.take(undefined), undefined);
  mine[1]!();
  assert.ok(places.take(undefined));
});

Deno.test("GET /v1/runs/:id/events refuses an orderer one stream too many, and not the operator", async () => {
  await using test = await TestApp.open();
  const { operator } = test.fleet;
  const { envelope } = test.fleet.order(test.id, {
    schedule: { at: "2026-03-01T12:00:30Z" },
  });
  const { run } = await (await test.send(envelope)).json();
  const path = `/v1/runs/${run}/events`;
  const open = [];
  for (let i = 0; i < EVENT_STREAMS_OF_ONE_KEY; i++) open.push(await test.call(operator, path));
  assert.ok(open.every(({ status }) => status === 200));
  assert.deepEqual(await refusalOf(await test.call(operator, path)), [503, "busy"]);
  open.push(await test.ask(path));
  assert.equal(open.at(-1)!.status, 200);
  await open[0]!.body!.cancel();
  open.push(await test.call(operator, path));
  assert.equal(open.at(-1)!.status, 200);
  for (const { body } of open.slice(1)) await body!.cancel();
});
