import assert from "node:assert/strict";
import { sandboxRunner } from "../../../runtime/agent/cells/sandbox_runner.ts";
import { silentLog } from "../../../runtime/agent/log.ts";
import { PeerNetwork } from "../../../runtime/agent/peers/peer_network.ts";
import { loadAgentKey } from "../../../runtime/agent/state/agent_key.ts";
import { statePaths } from "../../../runtime/agent/state/state_dir.ts";
import { digestOf } from "../../../runtime/core/digest.ts";
import type { Digest } from "../../../runtime/core/documents/common.ts";
import type { Outcome } from "../../../runtime/core/outcome.ts";
import { generateSigner, keyId } from "../../../runtime/core/key.ts";
import type { PeerEntry } from "../../../runtime/policy/mod.ts";
import { okResult } from "../../ok_result.ts";
import { TestAgent } from "../agent_fixture.ts";
import { instant, TestFleet } from "../fixture.ts";

const SCRIPT = `export default {
  async run({ order, fetch, put, pull, length }, ctx) {
    if (put) return await ctx.blobs.share((await ctx.blobs.put("x".repeat(put))).sha256);
    if (pull) return await ctx.blobs.pull(pull);
    if (fetch) {
      const response = await ctx.peers.fetch("other", fetch);
      return [response.status, await response.text()];
    }
    if (!order) return { bytes: (await ctx.attachments[0].bytes()).length };
    const { sha256 } = await ctx.blobs.put("x".repeat(length));
    const { run } = await ctx.peers.order("other", {}, { attachments: [{ name: "a", sha256 }] });
    while (true) {
      const { state, outcome } = await ctx.peers.run("other", run);
      if (state === "ended") return outcome;
    }
  },
  fetch: (_request, ctx) => new Response(ctx.caller.kind),
};`;

/** Two agents that listen by TLS, each with a certificate of its own that the other one pins. */
class Pair implements AsyncDisposable {
  readonly agents: TestAgent[] = [];
  /** What each of them pins of the other in place of the truth. */
  pinned: Digest | undefined;
  readonly #stack = new AsyncDisposableStack();

  static async start(): Promise<Pair> {
    const pair = new Pair();
    for (const at of [0, 1]) pair.agents.push(pair.#stack.use(await pair.#start(at)));
    await pair.reload();
    return pair;
  }

  /** The other agent, as the policy of this one names it. */
  entryOfOther(at: number): PeerEntry[] {
    const other = this.agents[1 - at];
    if (!other) return [];
    const { id, url, ca } = other.agent;
    const labels: string[] = [];
    return [{ name: "other", id, url, labels, ca: this.pinned ?? ca! }];
  }

  async reload(): Promise<void> {
    for (const { agent } of this.agents) await agent.reload();
  }

  /** How a run of the first agent's ends. */
  async outcome(input: unknown, at = 0): Promise<Outcome> {
    const test = this.agents[at]!;
    const now = Date.now();
    const { run } = await test.order({
      input,
      issued: instant(now),
      expires: instant(now + 60_000),
    });
    return (await test.ended(run)).outcome!;
  }

  async result<T = unknown>(input: unknown, at = 0): Promise<T> {
    return okResult(await this.outcome(input, at));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  async #start(at: number): Promise<TestAgent> {
    const fleet = new TestFleet();
    fleet.publish("1.0.0", {}, SCRIPT);
    const rules = () => {
      const peers = this.entryOfOther(at);
      const other = this.agents[1 - at];
      const branch = other && loadAgentKey(statePaths(other.stateDir).key).publicKey;
      const operator = { keys: [fleet.operator.publicKey], threshold: 1 };
      const grant = fleet.grant({
        orders: branch ? ["operator", "branch"] : ["operator"],
        capabilities: { blobs: { quotaBytes: 50_000_000 }, peers: {} },
        serve: ["peers"],
      });
      const orderers = new Map([["operator", operator]]);
      if (branch) orderers.set("branch", { keys: [branch], threshold: 1 });
      const policy = fleet.policy({
        orderers,
        grants: new Map([[fleet.script, grant]]),
        labels: new Map(peers.map(({ id }) => [id, ["office"]])),
      });
      return Promise.resolve({ policy, sources: [fleet.source()], peers });
    };
    const test = await TestAgent.start({
      runner: sandboxRunner(),
      rules,
      listen: { hostname: "0.0.0.0", port: 0 },
      hosts: ["localhost"],
      // Certificates are judged by the real clock.
      now: Date.now,
    }, fleet);
    const pem = Deno.readTextFileSync(`${statePaths(test.stateDir).tls}/ca.pem`);
    test.client = Deno.createHttpClient({ caCerts: [pem] });
    return test;
  }
}

Deno.test("agents work together by TLS, each believing the certificate it pinned", async (t) => {
  await using pair = await Pair.start();
  for (const at of [0, 1]) assert.match(pair.entryOfOther(at)[0]!.url, /^https:/);

  await t.step("orders with a document", async () => {
    const outcome = await pair.result({ order: true, length: 600_000 });
    assert.deepEqual(outcome, { outcome: "ok", result: { bytes: 600_000 } });
  });
  await t.step("requests to an endpoint", async () => {
    assert.deepEqual(await pair.result({ fetch: "/" }), [200, "peer"]);
  });
  await t.step("chunks of a shared blob", async () => {
    const { list } = await pair.result<{ list: string }>({ put: 3_000_000 }, 1);
    const { length } = await pair.result<{ length: number }>({ pull: list });
    assert.equal(length, 3_000_000);
  });
  await t.step("and none of it under another certificate", async () => {
    const { list } = await pair.result<{ list: string }>({ put: 1_000 }, 1);
    pair.pinned = digestOf(new Uint8Array());
    await pair.reload();
    for (const input of [{ order: true, length: 10 }, { fetch: "/" }, { pull: list }]) {
      const outcome = await pair.outcome(input);
      assert.equal(outcome.outcome, "script_error", JSON.stringify(input));
      assert.equal((outcome.detail as { name: string }).name, "CapabilityError");
    }
  });
});

Deno.test("agents gossip by TLS, with whom they pinned and with nobody else", async () => {
  const signer = generateSigner();
  const fleet = new TestFleet();
  const rules = (members: readonly PeerEntry["id"][], peers: readonly PeerEntry[]) => ({
    policy: fleet.policy({ labels: new Map(members.map((id) => [id, ["office"]])) }),
    sources: [fleet.source()],
    peers,
  });
  await using test = await TestAgent.start({
    rules: () => Promise.resolve(rules([keyId(signer.publicKey)], [])),
    listen: { hostname: "0.0.0.0", port: 0 },
    hosts: ["localhost"],
    now: Date.now,
  }, fleet);
  const { id, url, ca } = test.agent;
  const knownAfter = async (pinned: Digest) => {
    await using network = new PeerNetwork({
      signer,
      rules: () => rules([id], [{ name: "a", id, url, ca: pinned, labels: [] }]),
      now: Date.now,
      addresses: () => [],
      offered: () => [],
      log: silentLog,
    });
    await network.membership.gossip(new AbortController().signal);
    return network.membership.view.get(id)?.advert;
  };
  const advert = await knownAfter(ca!);
  assert.deepEqual([advert?.ca, advert?.addresses.every((a) => a.startsWith("https:"))], [
    ca,
    true,
  ]);
  assert.equal(await knownAfter(digestOf(new Uint8Array())), undefined);
});
