import assert from "node:assert/strict";
import { PeerNetwork } from "../../runtime/agent/peers/peer_network.ts";
import { addressesOf } from "../../runtime/agent/peers/addresses_of.ts";
import type { Rendezvous } from "../../runtime/agent/peers/rendezvous.ts";
import { silentLog } from "../../runtime/agent/log.ts";
import type { Digest, KeyId } from "../../runtime/core/documents/common.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import type { PeerEntry } from "../../runtime/policy/mod.ts";
import { until } from "../until.ts";
import { TestAgent } from "./agent_fixture.ts";
import { TestFleet } from "./fixture.ts";

const never = new AbortController().signal;

/** A network without an agent around it, which asks others and is asked by nobody. */
class Asker implements AsyncDisposable {
  readonly signer = generateSigner();
  readonly id = keyId(this.signer.publicKey);
  readonly network: PeerNetwork;

  constructor(
    peers: () => readonly PeerEntry[],
    members: () => readonly KeyId[],
    rendezvous?: Rendezvous,
  ) {
    const fleet = new TestFleet();
    this.network = new PeerNetwork({
      signer: this.signer,
      rules: () => ({
        policy: fleet.policy({ labels: new Map(members().map((id) => [id, ["office"]])) }),
        sources: [],
        peers: peers(),
      }),
      now: Date.now,
      addresses: () => [],
      offered: () => [],
      ...(rendezvous && { rendezvous }),
      log: silentLog,
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.network[Symbol.asyncDispose]();
  }
}

/** A hub that takes questions and never answers. */
const silentHub = {
  find: (_agent, signal) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
} as Partial<Rendezvous> as Rendezvous;

/** Agents in a row: each one's policy lists the one before, and labels them all. */
class Row implements AsyncDisposable {
  readonly agents: TestAgent[] = [];
  readonly members: KeyId[] = [];
  readonly #lists: PeerEntry[][] = [];

  async join(): Promise<TestAgent> {
    const before = this.agents.at(-1)?.agent;
    const peers = before ? [{ name: "before", id: before.id, url: before.url, labels: [] }] : [];
    this.#lists.push(peers);
    const fleet = new TestFleet();
    const rules = () =>
      Promise.resolve({
        policy: fleet.policy({ labels: new Map(this.members.map((id) => [id, ["office"]])) }),
        sources: [fleet.source()],
        peers,
      });
    const test = await TestAgent.start({ rules, now: Date.now }, fleet);
    this.agents.push(test);
    await this.admit(test.agent.id);
    return test;
  }

  /** Gives an agent a label in everybody's policy. */
  async admit(id: KeyId): Promise<void> {
    this.members.push(id);
    for (const { agent } of this.agents) await agent.reload();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.agents) await agent[Symbol.asyncDispose]();
  }
}

Deno.test("an agent finds another that its own policy lists nowhere, through those in between", async () => {
  await using row = new Row();
  const [a, b, c] = [await row.join(), await row.join(), await row.join()];
  const last = { name: "c", id: c.agent.id, url: c.agent.url, labels: [] };
  await using asker = new Asker(() => [last], () => row.members);
  await row.admit(asker.id);
  let found: Awaited<ReturnType<typeof asker.network.resolve>>;
  await until(async () => {
    await asker.network.membership.gossip(never);
    found = await asker.network.resolve(a.agent.id, never);
    return found !== undefined;
  });
  assert.deepEqual(found?.advert.addresses, [a.agent.url]);
  assert.ok(asker.network.membership.view.get(c.agent.id), "who was talked to is known");
  assert.ok(b.agent.id !== a.agent.id);
  // Nor does it wait for a hub that says nothing.
  await using beside = new Asker(() => [last], () => row.members, silentHub);
  await row.admit(beside.id);
  await until(async () => {
    await beside.network.membership.gossip(never);
    return beside.network.membership.view.get(c.agent.id) !== undefined;
  });
  const told = await beside.network.resolve(a.agent.id, AbortSignal.timeout(10_000));
  assert.equal(told?.agent, a.agent.id);
});

Deno.test("an agent that the policy does not know learns nothing and is told to nobody", async () => {
  await using row = new Row();
  const a = await row.join();
  const listed = { name: "a", id: a.agent.id, url: a.agent.url, labels: [] };
  await using stranger = new Asker(() => [listed], () => row.members);
  await stranger.network.membership.gossip(never);
  assert.deepEqual(stranger.network.membership.view.all, []);
});

Deno.test("PeerNetwork.advert() says another thing under a higher sequence, the same one as before", async () => {
  const offered: Digest[] = [];
  const fleet = new TestFleet();
  await using network = new PeerNetwork({
    signer: generateSigner(),
    rules: () => ({ policy: fleet.policy(), sources: [] }),
    now: () => Date.parse("2026-01-01T00:00:00Z"),
    addresses: () => ["https://10.0.0.1:8443"],
    offered: () => offered,
    log: silentLog,
  });
  const first = network.advert();
  assert.equal(network.advert(), first);
  offered.push(`sha256:${"1".repeat(64)}`);
  const second = network.advert();
  assert.notDeepEqual(second, first);
  const sequenceOf = (bytes: Uint8Array) => {
    const { payload } = JSON.parse(new TextDecoder().decode(bytes));
    return JSON.parse(atob(payload)).sequence;
  };
  assert.ok(sequenceOf(second) > sequenceOf(first));
});

Deno.test("addressesOf() gives the names of the policy, else what the agent listens on", () => {
  const cases: [string, string[], string[]][] = [
    ["http://127.0.0.1:8799", [], ["http://127.0.0.1:8799"]],
    ["https://0.0.0.0:8443", ["office.lan"], ["https://office.lan:8443"]],
    ["https://10.0.0.7:8443", [], ["https://10.0.0.7:8443"]],
    ["https://[::]:8443", ["fd00::7", "a.lan"], ["https://[fd00::7]:8443", "https://a.lan:8443"]],
  ];
  for (const [url, hosts, addresses] of cases) assert.deepEqual(addressesOf(url, hosts), addresses);
});
