import assert from "node:assert/strict";
import { sandboxRunner } from "../../runtime/agent/cells/sandbox_runner.ts";
import type { PeerEntry, TrafficEntry } from "../../runtime/policy/mod.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { signedFetch } from "../../runtime/peer/mod.ts";
import { swarmPath } from "../../runtime/peer/swarm/mod.ts";
import { DEFAULT_LIMITS } from "../../runtime/core/documents/grant.ts";
import { until } from "../until.ts";
import { Cable } from "./cable.ts";
import { TestAgent } from "./agent_fixture.ts";
import { TestFleet } from "./fixture.ts";

const SCRIPT = `export default {
  async run(input, ctx) {
    if (input.put) {
      const { sha256 } = await ctx.blobs.put("x".repeat(input.put));
      return { sha256, ...await ctx.blobs.share(sha256) };
    }
    if (input.share) return await ctx.blobs.share(input.share);
    return await ctx.blobs.pull(input.pull);
  },
};`;

/** A busy machine takes its time. */
const LIMITS = { ...DEFAULT_LIMITS, wallMs: 120_000 };

/** A few agents of one fleet that know each other by their policies. */
class Office implements AsyncDisposable {
  readonly agents: TestAgent[] = [];
  /** As every policy lists them. */
  readonly peers: PeerEntry[] = [];

  /** @param traffic How much it gets a second at most. */
  async join(traffic: TrafficEntry = {}): Promise<TestAgent> {
    const fleet = new TestFleet();
    const policy = fleet.policy.bind(fleet);
    fleet.policy = (change = {}) => {
      const capabilities = { blobs: { quotaBytes: 50_000_000 }, peers: {} };
      return policy({
        grants: new Map([[fleet.script, fleet.grant({ capabilities, limits: LIMITS })]]),
        ceiling: { permissions: {}, limits: LIMITS },
        ...change,
      });
    };
    fleet.publish("1.0.0", { limits: LIMITS }, SCRIPT);
    const { peers } = this;
    const rules = () =>
      Promise.resolve({ policy: fleet.policy(), sources: [fleet.source()], peers, traffic });
    const test = await TestAgent.start({ runner: sandboxRunner(), rules, now: Date.now }, fleet);
    this.agents.push(test);
    const { id, url } = test.agent;
    this.peers.push({ name: `agent-${this.agents.length}`, id, url, labels: [] });
    for (const { agent } of this.agents) await agent.reload();
    return test;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.agents) await agent[Symbol.asyncDispose]();
  }
}

async function outcomeOf(test: TestAgent, input: unknown) {
  const now = Date.now();
  const { run } = await test.order({
    input,
    issued: new Date(now).toISOString().replace(/\.\d+Z$/, "Z"),
    expires: new Date(now + 60_000).toISOString().replace(/\.\d+Z$/, "Z"),
  });
  return (await test.ended(run)).outcome;
}

async function resultOf(test: TestAgent, input: unknown): Promise<Record<string, unknown>> {
  const outcome = await outcomeOf(test, input);
  assert.equal(outcome?.outcome, "ok", JSON.stringify(outcome));
  return (outcome as { result: Record<string, unknown> }).result;
}

Deno.test("a script gets from other agents what the same script shares there, and passes it on", async () => {
  await using office = new Office();
  const [a, b, c] = [await office.join(), await office.join(), await office.join()];
  const length = 5_000_000;
  const { sha256, list } = await resultOf(a, { put: length });
  assert.deepEqual(await resultOf(b, { pull: list }), { sha256, length });
  const events = await (await b.ask("/v1/runs/1/events")).text();
  assert.match(events, /"type":"progress","fraction":1,"message":"20 of 20 chunks/);
  // The source is gone: the third agent gets all of it from the second.
  await a.agent.stop();
  assert.deepEqual(await resultOf(c, { pull: list }), { sha256, length });
});

Deno.test("a download goes on where it was when a partition heals", async () => {
  await using office = new Office();
  const a = await office.join();
  await using cable = new Cable(a.agent.url);
  const b = await office.join({ downBytes: 4_000_000 });
  office.peers[0] = { ...office.peers[0]!, url: cable.url };
  await b.agent.reload();
  const length = 12_000_000;
  const { sha256, list } = await resultOf(a, { put: length });
  const pulled = resultOf(b, { pull: list });
  const received = async () => {
    const metrics = await (await b.ask("/metrics")).text();
    return Number(/^writ_swarm_bytes\{way="received"\} (\S+)$/m.exec(metrics)?.[1] ?? 0);
  };
  await until(async () => await received() > 0);
  cable.cut();
  await until(() => Promise.resolve(cable.refused > 0));
  const before = await received();
  assert.ok(before < length, "it was over before the partition");
  cable.mend();
  assert.deepEqual(await pulled, { sha256, length });
  assert.equal(await received(), length, "nothing came twice");
});

Deno.test("a script that pulls what nobody shares is told that it cannot be had", async () => {
  await using office = new Office();
  const [a] = [await office.join(), await office.join()];
  const outcome = await outcomeOf(a, { pull: `sha256:${"0".repeat(64)}` });
  assert.equal(outcome?.outcome, "script_error");
  assert.equal((outcome as { detail: { name: string } }).detail.name, "CapabilityError");
});

Deno.test("chunks are there for peers alone, and only of what is shared", async () => {
  await using office = new Office();
  const [a, b] = [await office.join(), await office.join()];
  const { list, sha256 } = await resultOf(a, { put: 1000 }) as Record<string, `sha256:${string}`>;
  const stranger = generateSigner();
  const ask = async (path: string) => {
    const { id: recipient, url } = a.agent;
    const answer = await signedFetch(url + path, { signer: stranger, recipient }).catch((e) => e);
    return answer instanceof Response ? answer.status : answer.code;
  };
  assert.equal(await ask(swarmPath(list!)), "unsigned");
  assert.equal((await fetch(a.agent.url + swarmPath(list!, "chunks", "0"))).status, 401);
  const unshared = await outcomeOf(b, { share: sha256 });
  assert.equal((unshared as { detail: { name: string } }).detail.name, "CapabilityError");
});
