import assert from "node:assert/strict";
import { sandboxRunner } from "../../runtime/agent/cells/sandbox_runner.ts";
import { loadAgentKey } from "../../runtime/agent/state/agent_key.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import type { PublicKey } from "../../runtime/core/documents/common.ts";
import type { PeerEntry } from "../../runtime/policy/mod.ts";
import { okResult } from "../ok_result.ts";
import { TestAgent } from "./agent_fixture.ts";
import { TestFleet } from "./fixture.ts";

/** Hands a document on when it is told to whom, and says what it got otherwise. */
const RELAY = `export default {
  async run(input, ctx) {
    if (input.to === undefined) {
      const [document] = ctx.attachments;
      const bytes = document ? (await document.bytes()).length : 0;
      return { ...input, bytes, name: document?.name, orderer: ctx.run.orderer };
    }
    if (input.ask !== undefined) return await ctx.peers.run(input.to, input.ask);
    const options = { idempotencyKey: input.once };
    if (input.bytes) {
      const { sha256 } = await ctx.blobs.put("x".repeat(input.bytes), { mediaType: "text/plain" });
      options.attachments = [{ name: "a.txt", sha256 }];
    }
    const { run } = await ctx.peers.order(input.to, { page: input.page ?? 1 }, options);
    while (true) {
      const seen = await ctx.peers.run(input.to, run);
      if (seen.state === "ended") return { run, outcome: seen.outcome, list: await ctx.peers.list() };
    }
  },
};`;

/** One of two agents of one fleet. */
class Office implements AsyncDisposable {
  readonly test: TestAgent;

  private constructor(test: TestAgent) {
    this.test = test;
  }

  /** @param peers The agents that this one's scripts may order from. */
  static async open(
    fleet: TestFleet,
    options: { peers?: PeerEntry[]; orderer?: PublicKey; script?: string } = {},
  ): Promise<Office> {
    fleet.publish("1.0.0", {}, options.script ?? RELAY);
    const orderers = new Map([["operator", role(fleet.operator.publicKey)]]);
    if (options.orderer) orderers.set("branch", role(options.orderer));
    const grant = fleet.grant({
      orders: [...orderers.keys()],
      capabilities: { peers: {}, blobs: {}, store: {} },
    });
    const rules = () =>
      Promise.resolve({
        policy: fleet.policy({ orderers, grants: new Map([[fleet.script, grant]]) }),
        sources: [fleet.source()],
        peers: options.peers ?? [],
      });
    return new Office(await TestAgent.start({ runner: sandboxRunner(), rules }, fleet));
  }

  get key(): PublicKey {
    return loadAgentKey(statePaths(this.test.stateDir).key).publicKey;
  }

  entry(name: string): PeerEntry {
    const { id, url } = this.test.agent;
    return { name, url, id, labels: ["print"] };
  }

  /** Orders a run here; answers its outcome. */
  async outcome(input: unknown) {
    const { run } = await this.test.order({ input });
    return (await this.test.ended(run)).outcome;
  }

  async result<T = unknown>(input: unknown): Promise<T> {
    return okResult(await this.outcome(input));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.test[Symbol.asyncDispose]();
  }
}

Deno.test("a script orders itself on a peer, with a document, and follows the run", async (t) => {
  const fleet = new TestFleet();
  // The key of an agent is made at its first start: it is told to the other by a second one.
  await using branch = await Office.open(fleet);
  await using main = await Office.open(fleet, { orderer: branch.key });
  const peers = [main.entry("main")];
  await branch.test.agent.stop();
  await branch.test.start({
    runner: sandboxRunner(),
    rules: () =>
      Promise.resolve({
        policy: fleet.policy({
          grants: new Map([[
            fleet.script,
            fleet.grant({ capabilities: { peers: {}, blobs: {}, store: {} } }),
          ]]),
        }),
        sources: [fleet.source()],
        peers,
      }),
  });

  await t.step("in the agent's name", async () => {
    const { run, outcome, list } = await branch.result<{
      run: number;
      outcome: unknown;
      list: { name: string; self: boolean }[];
    }>({ to: "main", page: 3, bytes: 600_000 });
    assert.deepEqual(outcome, {
      outcome: "ok",
      result: { page: 3, bytes: 600_000, name: "a.txt", orderer: "branch" },
    });
    assert.deepEqual(list.map(({ name, self }) => [name, self]), [
      ["self", true],
      ["main", false],
    ]);
    const record = await main.test.run(run);
    assert.equal(record.orderer, "branch");
  });

  await t.step("once for an idempotency key", async () => {
    const first = await branch.result<{ run: number }>({ to: "main", once: "job-7" });
    const again = await branch.result<{ run: number }>({ to: "main", once: "job-7" });
    assert.equal(again.run, first.run);
  });

  await t.step("and may ask after no run that it did not order", async () => {
    const { run } = await main.test.order({ input: {} });
    await main.test.ended(run);
    const outcome = await branch.outcome({ to: "main", ask: run });
    assert.equal(outcome?.outcome, "script_error");
    assert.equal((outcome as { detail: { name: string } }).detail.name, "CapabilityError");
  });

  await t.step("nor order from an agent that is not listed", async () => {
    assert.equal((await branch.outcome({ to: "elsewhere" }))?.outcome, "script_error");
  });

  await t.step("nor from one that does not list this agent as an orderer", async () => {
    await main.test.agent.stop();
    await main.test.start({ runner: sandboxRunner(), listen: portOf(peers[0]!) });
    const outcome = await branch.outcome({ to: "main", bytes: 10 });
    assert.equal(outcome?.outcome, "script_error");
  });

  await t.step("nor from one that is not who it is said to be", async () => {
    await main.test.agent.stop();
    await using other = await TestAgent.start({ listen: portOf(peers[0]!) }, fleet);
    assert.notEqual(other.agent.id, peers[0]!.id);
    const outcome = await branch.outcome({ to: "main" });
    assert.equal(outcome?.outcome, "script_error");
    assert.match((outcome as { detail: { message: string } }).detail.message, /main/);
  });
});

function portOf({ url }: PeerEntry) {
  return { hostname: "127.0.0.1", port: Number(new URL(url).port) };
}

function role(key: PublicKey) {
  return { keys: [key], threshold: 1 };
}
