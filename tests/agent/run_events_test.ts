import assert from "node:assert/strict";
import { TestAgent } from "./agent_fixture.ts";

Deno.test("events beyond the limit are dropped and counted", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  test.runner.answer = ({ onEvent }) => {
    for (let i = 0; i < 10_005; i++) onEvent!({ type: "log", level: "info", text: String(i) });
    return { outcome: "ok", result: null };
  };
  const { run } = await test.order();
  const text = await (await test.ask(`/v1/runs/${run}/events`)).text();
  assert.equal(text.match(/^event: log$/gm)?.length, 10_000);
  assert.match(text, /"type":"dropped","count":5/);
});

Deno.test("the events of a run go on after the last one a reader saw", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const go = Promise.withResolvers<void>();
  test.runner.answer = async ({ onEvent }) => {
    onEvent!({ type: "progress", fraction: 0.25 });
    await go.promise;
    onEvent!({ type: "event", name: "page", data: { n: 1 } });
    return { outcome: "ok", result: "done" };
  };
  const { run } = await test.order();
  const gone = new AbortController();
  const first = await test.ask(`/v1/runs/${run}/events`, { signal: gone.signal });
  assert.match(first.headers.get("content-type")!, /^text\/event-stream/);
  let seen = "";
  for await (const chunk of first.body!.pipeThrough(new TextDecoderStream())) {
    seen += chunk;
    if (seen.includes("event: progress")) break;
  }
  gone.abort();
  const idsOf = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map((match) => match[1]);
  assert.deepEqual(idsOf(seen), ["1", "2", "3"]);
  go.resolve();
  const headers = { "last-event-id": "3" };
  const rest = await (await test.ask(`/v1/runs/${run}/events`, { headers })).text();
  assert.deepEqual(idsOf(rest), ["4", "5"]);
  assert.match(rest, /event: outcome\n/);
  assert.match(rest, /"result":"done"/);
});

Deno.test("GET /v1/runs tells the beginning of what scripts said, GET /v1/runs/:id all of it", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const said = "x".repeat(10_000);
  const detail = { name: said, message: said, stack: said };
  test.runner.answer = () => ({ outcome: "script_error", detail });
  const { run } = await test.order();
  assert.deepEqual((await test.ended(run)).outcome, { outcome: "script_error", detail });
  const { runs } = await (await test.ask("/v1/runs")).json();
  const short = said.slice(0, 500);
  const shown = { name: short, message: short };
  assert.deepEqual(runs[0].outcome, { outcome: "script_error", detail: shown });
});
