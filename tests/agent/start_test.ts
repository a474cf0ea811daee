import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { AuditReader } from "../../runtime/agent/audit/audit_reader.ts";
import { listen } from "../../runtime/agent/listen.ts";
import type { Source } from "../../runtime/agent/sources/source.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { STATE_VERSION } from "../../runtime/agent/store/schema.ts";
import { rulesFromFolder } from "../../runtime/agent/trust/load_rules.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import type { PeerEntry } from "../../runtime/policy/mod.ts";
import { TestFleet } from "./fixture.ts";
import { TestAgent } from "./agent_fixture.ts";

Deno.test("startAgent() says where it is while it runs", async () => {
  await using test = await TestAgent.start();
  const { address } = statePaths(test.stateDir);
  assert.equal(Deno.readTextFileSync(address), `${test.agent.url}\n`);
  assert.match(test.agent.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  await test.agent.stop();
  await assert.rejects(Deno.stat(address), Deno.errors.NotFound);
  assert.ok(test.runner.closed);
});

Deno.test("Agent.stop() ends open event streams and does not wait for slow sources", async () => {
  await using test = await TestAgent.start();
  const asked = Promise.withResolvers<void>();
  const slow: Source = {
    name: "slow",
    read: (_path, _maxBytes, signal) => {
      asked.resolve();
      return new Promise((_, reject) => {
        signal!.addEventListener("abort", () => reject(signal!.reason));
      });
    },
  };
  const source = test.fleet.source.bind(test.fleet);
  test.fleet.source = () => slow;
  await test.agent.reload();
  const { run } = await test.order();
  await asked.promise;
  const events = (await test.ask(`/v1/runs/${run}/events`)).text();
  await test.agent.stop();
  assert.match(await events, /"state":"accepted"/);
  test.fleet.source = source;
  test.fleet.publish("1.0.0");
  await test.start();
  assert.equal((await test.ended(run)).outcome?.outcome, "ok", "it had not begun");
});

Deno.test("startAgent() keeps its identity", async () => {
  await using test = await TestAgent.start();
  const { id } = test.agent;
  await test.agent.stop();
  await test.start();
  assert.equal(test.agent.id, id);
});

Deno.test("startAgent() refuses a port that is in use, and leaves what waits as it was", async () => {
  await using test = await TestAgent.start();
  test.fleet.publish("1.0.0");
  await test.order();
  await test.agent.stop();
  await using other = await TestAgent.start();
  const port = Number(new URL(other.agent.url).port);
  const begun = test.runner.started.length;
  await assert.rejects(test.start({ listen: { hostname: "127.0.0.1", port } }), {
    name: "AgentError",
    code: "port_in_use",
  });
  assert.equal(test.runner.started.length, begun);
  await test.start();
});

Deno.test("startAgent() refuses a state folder that another agent uses", async () => {
  await using test = await TestAgent.start();
  await assert.rejects(test.start(), { code: "state_locked" });
  assert.equal((await test.ask("/v1/runs")).status, 200, "the first one goes on");
});

Deno.test("startAgent() refuses the state of a newer version and leaves it as it is", async () => {
  await using test = await TestAgent.start();
  await test.agent.stop();
  const { database } = statePaths(test.stateDir);
  {
    using db = new DatabaseSync(database);
    db.exec(`PRAGMA user_version = ${STATE_VERSION + 1}`);
  }
  const before = Deno.readFileSync(database);
  await assert.rejects(test.start(), { code: "state_newer" });
  assert.deepEqual(Deno.readFileSync(database), before);
});

Deno.test("startAgent() refuses to start without rules, and writes down why", async () => {
  await using test = await TestAgent.start();
  await test.agent.stop();
  using folder = new TemporaryDir();
  const rules = rulesFromFolder(`${folder.path}/missing`, []);
  await assert.rejects(test.start({ rules }), { name: "AgentError", code: "policy" });
  using audit = AuditReader.open(test.stateDir);
  assert.equal(audit.tail(1)[0]!.event, "policy_refused");
});

Deno.test("Agent.reload() takes a good policy and keeps the old one on a mistake", async () => {
  await using test = await TestAgent.start();
  const { fleet } = test;
  const policy = fleet.policy.bind(fleet);
  const send = async () => (await test.send(fleet.order(test.agent.id).envelope)).status;
  assert.equal(await send(), 202);

  fleet.policy = () => {
    throw new Error("on purpose");
  };
  await assert.rejects(test.agent.reload(), { code: "policy" });
  assert.equal(await send(), 202);

  fleet.policy = () => policy({ grants: new Map() });
  await test.agent.reload();
  assert.equal(await send(), 403);
  using audit = AuditReader.open(test.stateDir);
  const events = audit.tail(100).map(({ event }) => event).filter((e) => e.startsWith("policy"));
  assert.deepEqual(events, ["policy_loaded", "policy_refused", "policy_loaded"]);
});

Deno.test("Agent.reload() says that other peers are known, though the policy is the same", async () => {
  const fleet = new TestFleet();
  let peers: PeerEntry[] = [];
  const said: unknown[] = [];
  await using test = await TestAgent.start({
    rules: () => Promise.resolve({ policy: fleet.policy(), sources: [], peers }),
    log: (_, message, fields) => message.startsWith("peers") && said.push([message, fields]),
  });
  const reload = () => test.agent.reload();
  await reload();
  peers = [{ name: "b", url: "http://127.0.0.1:1", id: test.agent.id, labels: [] }];
  await reload();
  await reload();
  assert.deepEqual(said, [["peers loaded", { peers: 1 }]]);
});

Deno.test("SIGHUP loads the policy anew", { ignore: Deno.build.os === "windows" }, async () => {
  await using test = await TestAgent.start();
  const policy = test.fleet.policy.bind(test.fleet);
  const loaded = Promise.withResolvers<void>();
  test.fleet.policy = () => {
    loaded.resolve();
    return policy();
  };
  Deno.kill(Deno.pid, "SIGHUP");
  await loaded.promise;
});

Deno.test("listen() serves loopback addresses and no others", async (t) => {
  const answer = () => new Response("here");
  for (const hostname of ["127.0.0.1", "127.0.0.2", "localhost"]) {
    await t.step(hostname, async () => {
      const server = listen({ hostname, port: 0 }, answer);
      assert.equal(await (await fetch(server.url)).text(), "here");
      await server.stop(1_000);
    });
  }
  for (const hostname of ["0.0.0.0", "::", "192.168.1.20", "127.0.0.1.example", "", "127.1"]) {
    await t.step(hostname || "nothing", () => {
      assert.throws(() => listen({ hostname, port: 0 }, answer), { code: "listen_refused" });
    });
  }
});

Deno.test("listen() cuts connections that outlast its patience", async () => {
  const begun = Promise.withResolvers<void>();
  const server = listen({ hostname: "127.0.0.1", port: 0 }, () => {
    begun.resolve();
    return new Promise<Response>(() => {});
  });
  const request = fetch(server.url);
  request.catch(() => {});
  await begun.promise;
  await server.stop(10);
  await assert.rejects(request);
});
