import assert from "node:assert/strict";
import { sandboxRunner } from "../../../runtime/agent/cells/sandbox_runner.ts";
import type { Grant } from "../../../runtime/core/documents/grant.ts";
import { TestAgent } from "../agent_fixture.ts";
import { instant, TestFleet } from "../fixture.ts";

const SCRIPT = `export default {
  async run(path, ctx) {
    const response = await ctx.peers.fetch("other", path);
    return [response.status, (await response.text()).slice(0, 100)];
  },
  fetch(request, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/empty") return new Response(null, { status: 204 });
    if (pathname === "/gone") return new Response("gone", { status: 410 });
    const length = Number(searchParams.get("length") ?? 0);
    return new Response(length ? "x".repeat(length) : ctx.caller.kind + ctx.caller.peer);
  },
};`;

/** Two agents of one fleet with the same script, the first of which asks the second. */
async function pair(serve: Grant["serve"]) {
  const fleets = [new TestFleet(), new TestFleet()];
  const agents: TestAgent[] = [];
  const rules = (fleet: TestFleet) => () => {
    const grant = fleet.grant({ capabilities: { peers: {} }, serve });
    const [one, other] = agents;
    const peers = other
      ? [{ name: fleet === fleets[0] ? "other" : "one", labels: [], ...named(other, one!, fleet) }]
      : [];
    return Promise.resolve({
      policy: fleet.policy({ grants: new Map([[fleet.script, grant]]) }),
      sources: [fleet.source()],
      peers,
    });
  };
  const named = (other: TestAgent, one: TestAgent, fleet: TestFleet) => {
    const { id, url } = (fleet === fleets[0] ? other : one).agent;
    return { id, url };
  };
  const stack = new AsyncDisposableStack();
  for (const fleet of fleets) {
    fleet.publish("1.0.0", {}, SCRIPT);
    const options = { runner: sandboxRunner(), rules: rules(fleet), now: Date.now };
    agents.push(stack.use(await TestAgent.start(options, fleet)));
  }
  for (const { agent } of agents) await agent.reload();
  const [one, other] = agents as [TestAgent, TestAgent];
  const outcome = async (path: string) => {
    const now = Date.now();
    const { run } = await one.order({
      input: path,
      issued: instant(now),
      expires: instant(now + 60_000),
    });
    return (await one.ended(run)).outcome!;
  };
  return { one, other, outcome, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("ctx.peers.fetch() asks the same script's endpoint elsewhere, which knows who asks", async (t) => {
  await using agents = await pair(["peers"]);
  const { one, outcome } = agents;
  await t.step("and gets what it answers, signed", async () => {
    const result = [200, `peer${one.agent.id}`];
    assert.deepEqual(await outcome("/who?a=b"), { outcome: "ok", result });
    assert.deepEqual(await outcome("/empty"), { outcome: "ok", result: [204, ""] });
    assert.deepEqual(await outcome("/gone"), { outcome: "ok", result: [410, "gone"] });
  });
  await t.step("at most 256 KiB of it", async () => {
    assert.equal((await outcome(`/?length=${256 << 10}`)).outcome, "ok");
    assert.equal((await outcome(`/?length=${(256 << 10) + 1}`)).outcome, "script_error");
  });
  await t.step("and no path beside its own script's", async () => {
    for (const path of ["", "info", "//x/../y", "/..", "/%2e%2E/x", "/a#b", "/\\x", "/ x"]) {
      assert.equal((await outcome(path)).outcome, "script_error", path);
    }
  });
});

Deno.test("ctx.peers.fetch() is not answered where the grant does not admit peers", async () => {
  await using agents = await pair(["loopback"]);
  assert.equal((await agents.outcome("/")).outcome, "script_error");
});
