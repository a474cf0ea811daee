import assert from "node:assert/strict";
import { digestOf, hexOf } from "../../runtime/core/digest.ts";
import { sealDocument } from "../../runtime/core/dsse.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { manifestPath } from "../../runtime/core/source_layout.ts";
import { openSource } from "../../runtime/agent/sources/open_source.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { TestAgent } from "./agent_fixture.ts";
import { FIGURES, instant, NOON } from "./fixture.ts";

/** The rule that refused a run. */
async function ruleOf(test: TestAgent, run: number): Promise<string> {
  const { outcome } = await test.ended(run);
  assert.equal(outcome?.outcome, "refused", JSON.stringify(outcome));
  return (outcome as { detail: { rule: string } }).detail.rule;
}

Deno.test("an order with a range runs the highest version that is accepted", async () => {
  await using test = await TestAgent.start();
  const { fleet } = test;
  fleet.publish("1.0.0", { sequence: 1 });
  const wanted = fleet.publish("1.4.0", { sequence: 2 });
  fleet.publish("2.0.0", { sequence: 3 });
  const policy = fleet.policy.bind(fleet);
  fleet.policy = () => policy({ accept: [{ script: fleet.script, range: "<2" }] });
  await test.agent.reload();
  const { version, module } = await test.ended((await test.order()).run);
  assert.equal(version, "1.4.0");
  assert.equal(module, wanted.digest);
});

Deno.test("an order with a hash runs that module, and asks no source the second time", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const { digest } = test.fleet.publish("0.9.0");
  const script = { name: test.fleet.script, sha256: digest };
  assert.equal((await test.ended((await test.order({ script })).run)).version, "0.9.0");
  test.fleet.files.clear();
  assert.equal((await test.ended((await test.order({ script })).run)).version, "0.9.0");
});

Deno.test("an older release does not run after a newer one", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0", { sequence: 7 });
  test.fleet.publish("1.1.0", { sequence: 8 });
  await test.ended((await test.order()).run);
  const { run } = await test.order({ script: { name: test.fleet.script, range: "1.0.0" } });
  assert.equal(await ruleOf(test, run), "sequence_rollback");
});

Deno.test("an order for a script that no source has is refused", async () => {
  await using test = await TestAgent.start();
  assert.equal(await ruleOf(test, (await test.order()).run), "not_found");
  assert.equal(test.runner.started.length, 0);
});

Deno.test("a source that answers late carries no order past its time or the policy", async (t) => {
  const cases: Record<string, (test: TestAgent) => Promise<void>> = {
    expired: (test) => {
      test.now += 2 * 3_600_000;
      return Promise.resolve();
    },
    denied: (test) => {
      const policy = test.fleet.policy.bind(test.fleet);
      test.fleet.policy = () => policy({ deny: [{ script: test.fleet.script, reason: "a hole" }] });
      return test.agent.reload().then(() => {});
    },
  };
  for (const [rule, meanwhile] of Object.entries(cases)) {
    await t.step(rule, async () => {
      await using test = await TestAgent.start();
      const { fleet } = test;
      const { digest } = fleet.publish("1.0.0");
      const { name, read } = fleet.source();
      fleet.source = () => ({
        name,
        async read(path, ...bounds) {
          if (path.endsWith(hexOf(digest))) await meanwhile(test);
          return await read(path, ...bounds);
        },
      });
      await test.agent.reload();
      assert.equal(await ruleOf(test, (await test.order()).run), rule);
      assert.equal(test.runner.started.length, 0);
    });
  }
});

Deno.test("a source that gives another module changes nothing", async () => {
  await using test = await TestAgent.start();
  const { digest, module } = test.fleet.publish("1.0.0");
  const changed = module.slice();
  changed[0]! ^= 1;
  test.fleet.files.set(`v1/modules/${hexOf(digest)}`, changed);
  assert.equal(await ruleOf(test, (await test.order()).run), "module_hash");
  test.fleet.files.set(`v1/modules/${hexOf(digest)}`, module);
  const { outcome } = await test.ended((await test.order()).run);
  assert.equal(outcome?.outcome, "ok");
});

Deno.test("a cached module that was spoilt on disk is fetched again", async () => {
  await using test = await TestAgent.start();
  const { digest, module } = test.fleet.publish("1.0.0");
  await test.ended((await test.order()).run);
  const hex = hexOf(digest);
  const path = `${statePaths(test.stateDir).modules}/${hex.slice(0, 2)}/${hex}`;
  Deno.writeFileSync(path, module.map((byte) => byte ^ 1));
  const { outcome } = await test.ended((await test.order()).run);
  assert.equal(outcome?.outcome, "ok");
  assert.equal(test.runner.started.at(-1)!.javascript, new TextDecoder().decode(module));
  assert.deepEqual(Deno.readFileSync(path), module);
});

Deno.test("a run gets what its grant gives and the order says", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0", { limits: { cpuMs: 500 } });
  const bytes = new TextEncoder().encode("a document");
  const sha256 = digestOf(bytes);
  const put = await test.ask(`/v1/blobs/${sha256}`, { method: "PUT", body: bytes });
  await put.body?.cancel();
  const read: Uint8Array[] = [];
  test.runner.answer = async ({ attachments }) => {
    for (const { read: at } of attachments!) read.push(await at(2, 3), await at(0, 10));
    return { outcome: "ok", result: null };
  };
  const { run } = await test.order({
    input: { copies: 2 },
    attachments: [{ name: "a.txt", sha256, length: 10, mediaType: "text/plain" }],
  });
  const { figures } = await test.ended(run);
  assert.deepEqual(figures, FIGURES);
  const [request] = test.runner.started;
  assert.deepEqual(request!.input, { copies: 2 });
  assert.equal(request!.scriptUrl, "script://acme/echo@1.0.0");
  assert.deepEqual(read, [bytes.slice(2, 5), bytes]);
  assert.equal(test.runner.grants[0]!.limits.cpuMs, 500);
});

Deno.test("a document that was spoilt on disk after the order came stops the run", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const bytes = new TextEncoder().encode("a document");
  const sha256 = digestOf(bytes);
  await (await test.ask(`/v1/blobs/${sha256}`, { method: "PUT", body: bytes })).text();
  const at = { schedule: { at: instant(NOON + 60_000) } };
  const attachments = [{ name: "a", sha256, length: 10 }];
  const { run } = await test.order({ attachments, ...at });
  const hex = hexOf(sha256);
  const path = `${statePaths(test.stateDir).blobs}/${hex.slice(0, 2)}/${hex}`;
  Deno.writeFileSync(path, bytes.map((byte) => byte ^ 1));
  await test.agent.stop();
  test.now += 60_000;
  await test.start();
  assert.equal(await ruleOf(test, run), "attachment_missing");
});

Deno.test("a grant that demands a higher isolation level than the node has refuses", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const grant = test.fleet.grant.bind(test.fleet);
  test.fleet.grant = () => grant({ minLevel: 2 });
  await test.agent.reload();
  assert.equal(await ruleOf(test, (await test.order()).run), "isolation_level");
  test.fleet.grant = () => grant({ minLevel: 1 });
  await test.agent.reload();
  assert.equal((await test.ended((await test.order()).run)).outcome?.outcome, "ok");
});

Deno.test("an order that waits is judged by the policy of the moment it begins", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const { run } = await test.order({ schedule: { at: instant(NOON + 60_000) } });
  const grant = test.fleet.grant.bind(test.fleet);
  test.fleet.grant = () => grant({ orders: ["somebody-else"] });
  await test.agent.stop();
  test.now += 60_000;
  await test.start();
  assert.equal(await ruleOf(test, run), "orderer_not_entitled");
});

Deno.test("a runner that fails ends the run, not the agent", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  test.runner.answer = () => {
    throw new Error("on purpose");
  };
  const { outcome } = await test.ended((await test.order()).run);
  assert.equal(outcome?.outcome, "interrupted");
  assert.equal((await test.ask("/v1/runs")).status, 200);
});

Deno.test("POST /v1/runs/:id/cancel ends a run that waits, that is fetched and that runs", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  test.runner.hang();
  const cancel = async (id: number) =>
    (await (await test.ask(`/v1/runs/${id}/cancel`, { method: "POST" })).json()).cancelled;

  const source = test.fleet.source.bind(test.fleet);
  const asked = Promise.withResolvers<void>();
  test.fleet.source = () => ({
    ...source(),
    read: (_path, _maxBytes, signal) => {
      asked.resolve();
      return new Promise((_, reject) => {
        signal!.addEventListener("abort", () => reject(signal!.reason));
      });
    },
  });
  await test.agent.reload();
  const fetching = await test.order();
  await asked.promise;
  assert.equal(await cancel(fetching.run), true);
  assert.equal((await test.ended(fetching.run)).outcome?.outcome, "cancelled");
  test.fleet.source = source;
  await test.agent.reload();

  const waiting = await test.order({ schedule: { at: instant(NOON + 60_000) } });
  assert.equal(await cancel(waiting.run), true);
  assert.equal((await test.ended(waiting.run)).outcome?.outcome, "cancelled");
  assert.equal((await test.run(waiting.run)).started, null);

  const begun = Promise.withResolvers<void>();
  const { answer } = test.runner;
  test.runner.answer = (request) => {
    begun.resolve();
    return answer(request);
  };
  const running = await test.order();
  await begun.promise;
  assert.equal(await cancel(running.run), true);
  assert.equal((await test.ended(running.run)).outcome?.outcome, "cancelled");
  assert.equal(await cancel(running.run), false, "it has ended");
});

Deno.test("a second order with the same idempotency key is answered with the first one's run", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  const [first, second] = await Promise.all([
    test.order({ idempotencyKey: "invoice-7" }),
    test.order({ idempotencyKey: "invoice-7" }),
  ]);
  assert.deepEqual(second, first);
  const other = await test.order({ idempotencyKey: "invoice-8" });
  assert.notEqual(other.run, first.run);
});

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

Deno.test("an agent is a source for another agent", async () => {
  await using first = await TestAgent.start();
  const { digest } = first.fleet.publish("1.0.0");
  await first.ended((await first.order()).run);
  const source = openSource(first.agent.url);
  const rules = () => Promise.resolve({ policy: first.fleet.policy(), sources: [source] });
  await using second = await TestAgent.start({ rules }, first.fleet);
  const record = await second.ended((await second.order()).run);
  assert.equal(record.outcome?.outcome, "ok");
  assert.equal(record.module, digest);
});

Deno.test("a cached manifest whose key was revoked gives way to one signed anew", async () => {
  await using test = await TestAgent.start();
  const { fleet } = test;
  const { manifest } = fleet.publish("1.0.0");
  await test.ended((await test.order()).run);
  const successor = generateSigner();
  const policy = fleet.policy.bind(fleet);
  const keys = [
    { key: fleet.publisher.publicKey, state: "revoked" as const },
    { key: successor.publicKey, state: "active" as const },
  ];
  fleet.policy = () => policy({ publishers: new Map([["acme", { keys, threshold: 1 }]]) });
  await test.agent.reload();
  assert.equal(await ruleOf(test, (await test.order()).run), "key_revoked");
  const anew = sealDocument("manifest", manifest, [successor]);
  fleet.files.set(manifestPath(fleet.script, "1.0.0"), anew);
  assert.equal((await test.ended((await test.order()).run)).outcome?.outcome, "ok");
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
