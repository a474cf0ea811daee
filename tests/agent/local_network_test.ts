import assert from "node:assert/strict";
import { silentLog } from "../../runtime/agent/log.ts";
import { LocalNetwork } from "../../runtime/agent/peers/local_network.ts";
import { PeerNetwork } from "../../runtime/agent/peers/peer_network.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { TestFleet } from "./fixture.ts";
import { until } from "../until.ts";

/** An agent on the loopback interface, which is told of no other's address. */
class Neighbour implements AsyncDisposable {
  readonly network: PeerNetwork;
  readonly local: LocalNetwork;
  readonly heard = new Set<string>();

  /** @param members Agents that its policy names. */
  constructor(members: () => readonly KeyId[], mdns: { address: string } | undefined) {
    const rules = () => ({
      policy: new TestFleet().policy({ labels: new Map(members().map((id) => [id, ["office"]])) }),
      sources: [],
      ...(mdns && { mdns }),
    });
    this.network = new PeerNetwork({
      signer: generateSigner(),
      rules,
      now: Date.now,
      addresses: () => ["http://127.0.0.1:1"],
      offered: () => [],
      log: silentLog,
    });
    this.local = new LocalNetwork({
      rules,
      advert: () => this.network.advert(),
      heard: (advert) => {
        this.network.membership.hear(advert);
        this.heard.add(advert.join());
      },
      log: silentLog,
    });
  }

  /** Resolves when it heard another's advert. */
  hears(other: Neighbour): Promise<void> {
    return until(() => this.heard.has(other.network.advert().join()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.local[Symbol.asyncDispose]();
    await this.network[Symbol.asyncDispose]();
  }
}

Deno.test("agents of one network find each other by mdns, those that the policy names", async () => {
  const members: KeyId[] = [];
  const mdns = { address: "127.0.0.1" };
  await using a = new Neighbour(() => members, mdns);
  await using b = new Neighbour(() => members, mdns);
  await using stranger = new Neighbour(() => members, mdns);
  await using silent = new Neighbour(() => members, undefined);
  members.push(a.network.id, b.network.id, silent.network.id);
  for (const { local } of [a, b, stranger, silent]) local.adjust();
  await Promise.all([a.hears(b), b.hears(a), a.hears(stranger)]);
  const known = ({ network }: Neighbour) => network.membership.view.all.map(({ agent }) => agent);
  assert.deepEqual(known(a), [b.network.id]);
  assert.deepEqual(known(b), [a.network.id]);
  assert.deepEqual([...silent.heard], []);
});
