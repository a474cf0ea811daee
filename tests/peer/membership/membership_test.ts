import assert from "node:assert/strict";
import type { Advert } from "../../../runtime/core/documents/advert.ts";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { sealDocument } from "../../../runtime/core/dsse.ts";
import { generateSigner, keyId, type Signer } from "../../../runtime/core/key.ts";
import { GOSSIP_MS, Membership } from "../../../runtime/peer/membership/membership.ts";
import { ACTIVE_PEERS, PASSIVE_PEERS } from "../../../runtime/peer/membership/peer_view.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const never = new AbortController().signal;
/** What HTTP, TLS and a signature put around a call and its answer, both ways, generously. */
const CALL_OVERHEAD_BYTES = 2_000;

/** A chance that comes out the same each time. */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
}

function advertOf(
  signer: Signer,
  address: string,
  changes: Partial<Advert> = {},
  by = signer,
): Uint8Array {
  return sealDocument("advert", {
    key: signer.publicKey,
    fleet: "office",
    sequence: 1,
    addresses: [address],
    relays: [],
    groups: [],
    scripts: [],
    issued: "2026-01-01T00:00:00Z",
    expires: "2026-01-01T12:00:00Z",
    ...changes,
  }, [by]);
}

/** A fleet in one process: calls reach their agent at once, unless it is dead. */
class Fleet {
  readonly agents: { id: KeyId; membership: Membership; bytes: number }[] = [];
  readonly dead = new Set<KeyId>();
  /** Those that are connected to and say nothing. */
  readonly silent = new Set<KeyId>();
  /** Questions that were asked. */
  questions = 0;
  now = START;
  readonly #byAddress = new Map<string, number>();

  constructor(size: number) {
    const random = seeded(size);
    for (let i = 0; i < size; i++) {
      const signer = generateSigner();
      const id = keyId(signer.publicKey);
      const address = `http://10.0.${i >> 8}.${i & 255}:1`;
      this.#byAddress.set(address, i);
      const advert = advertOf(signer, address);
      this.agents.push({
        id,
        bytes: 0,
        membership: new Membership({
          self: id,
          fleet: "office",
          advert: () => advert,
          isMember: (agent) => this.agents.some(({ id }) => id === agent),
          seeds: () => ["http://10.0.0.0:1"],
          now: () => this.now,
          random,
          calls: {
            exchange: (peer, adverts) => this.#exchange(i, this.#index(peer.agent), adverts),
            greet: (to, adverts) => this.#exchange(i, this.#byAddress.get(to)!, adverts),
            resolve: async (peer, question, signal) => {
              this.questions++;
              if (this.silent.has(peer.agent)) await aborted(signal);
              const to = this.#reach(i, this.#index(peer.agent), []);
              return await to.membership.pass(question, id, signal);
            },
          },
        }),
      });
    }
  }

  async round(): Promise<void> {
    for (const { id, membership } of this.agents) {
      if (!this.dead.has(id)) await membership.gossip(never);
    }
    this.now += GOSSIP_MS;
  }

  #index(agent: KeyId): number {
    return this.agents.findIndex(({ id }) => id === agent);
  }

  #exchange(from: number, to: number, adverts: readonly Uint8Array[]) {
    const { id, membership } = this.agents[from]!;
    if (from === to) return Promise.resolve([]);
    const peer = this.#reach(from, to, adverts);
    const answer = peer.membership.answer(adverts, id);
    this.#count(from, to, answer);
    assert.equal(membership.view.get(id), undefined);
    return Promise.resolve(answer);
  }

  #reach(from: number, to: number, bytes: readonly Uint8Array[]) {
    const peer = this.agents[to]!;
    if (this.dead.has(peer.id)) throw new TypeError("connection refused");
    this.#count(from, to, bytes, CALL_OVERHEAD_BYTES);
    return peer;
  }

  #count(from: number, to: number, bytes: readonly Uint8Array[], overhead = 0): void {
    const sum = bytes.reduce((sum, { length }) => sum + length, overhead);
    for (const agent of [from, to]) this.agents[agent]!.bytes += sum;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

const settled = new Map<number, Promise<Fleet>>();

/** A fleet whose agents know each other by now; the tests that change nothing of it share one. */
function settledFleet(size: number): Promise<Fleet> {
  const fleet = settled.get(size) ?? newFleet(size);
  settled.set(size, fleet);
  return fleet;
}

async function newFleet(size: number): Promise<Fleet> {
  const fleet = new Fleet(size);
  for (let round = 0; round < 20; round++) await fleet.round();
  return fleet;
}

Deno.test("Membership lets every agent find every other, in fleets of 50 and of 200", async () => {
  for (const size of [50, 200]) {
    const fleet = await settledFleet(size);
    for (let from = 0; from < size; from++) {
      const { membership } = fleet.agents[from]!;
      const { id } = fleet.agents[(from * 7 + 3) % size]!;
      fleet.now += 1_000; // a second's worth of questions each
      if (id === fleet.agents[from]!.id) continue;
      assert.equal((await membership.resolve(id, never))?.agent, id, `${from} of ${size}`);
    }
  }
});

Deno.test("Membership.resolve() asks next door first, and seldom the whole fleet", async () => {
  const fleet = await settledFleet(200);
  const asked: number[] = [];
  for (const { id, membership } of fleet.agents) {
    fleet.now += 1_000;
    fleet.questions = 0;
    const stranger = fleet.agents.find((other) =>
      other.id !== id && !membership.view.get(other.id)
    );
    assert.equal((await membership.resolve(stranger!.id, never))?.agent, stranger!.id);
    asked.push(fleet.questions);
  }
  const typical = asked.toSorted((a, b) => a - b)[Math.floor(asked.length * 0.9)]!;
  assert.ok(typical <= ACTIVE_PEERS + PASSIVE_PEERS, `${typical} questions`);
});

Deno.test("Membership.resolve() goes on without a peer that says nothing", async () => {
  const fleet = await settledFleet(200);
  // Nobody next door knows the one that is looked for, or the silent one would not be waited for.
  const pairs = fleet.agents.flatMap((from) => {
    const { active } = from.membership.view;
    const nextDoor = [from, ...fleet.agents.filter(({ id }) => active.some((p) => p.agent === id))];
    const to = fleet.agents.find(({ id }) =>
      nextDoor.every((peer) => peer.id !== id && !peer.membership.view.get(id))
    );
    return to ? [{ from, to }] : [];
  });
  const { from: { membership }, to } = pairs[0]!;
  const silent = membership.view.active[0]!.agent;
  fleet.silent.add(silent);
  const before = performance.now();
  const found = await membership.resolve(to.id, AbortSignal.timeout(30_000));
  fleet.silent.delete(silent);
  assert.equal(found?.agent, to.id);
  assert.ok(performance.now() - before < 10_000);
});

Deno.test("Membership costs an agent of 200 what it costs one of 50: below a kilobyte a second", async () => {
  const rates: number[] = [];
  for (const size of [50, 200]) {
    const fleet = await settledFleet(size);
    const before = fleet.agents.map(({ bytes }) => bytes);
    const rounds = 20;
    for (let round = 0; round < rounds; round++) await fleet.round();
    const seconds = rounds * GOSSIP_MS / 1000;
    const each = fleet.agents.map(({ bytes }, i) => (bytes - before[i]!) / seconds);
    rates.push(each.reduce((sum, rate) => sum + rate) / size);
    for (const { membership: { view } } of fleet.agents) {
      assert.ok(view.active.length <= ACTIVE_PEERS && view.passive.length <= PASSIVE_PEERS);
    }
  }
  assert.ok(rates[1]! < 1000, `${rates[1]} bytes a second`);
  assert.ok(rates[1]! < rates[0]! * 1.1, `${rates[0]} of 50, ${rates[1]} of 200`);
});

Deno.test("Membership forgets those who died, and still finds all who live", async () => {
  const fleet = await newFleet(60);
  for (let i = 1; i <= 20; i++) fleet.dead.add(fleet.agents[i]!.id);
  for (let round = 0; round < 15; round++) await fleet.round();
  const alive = fleet.agents.filter(({ id }) => !fleet.dead.has(id));
  for (const [i, { id, membership }] of alive.entries()) {
    fleet.now += 1_000;
    const dead = membership.view.active.filter(({ agent }) => fleet.dead.has(agent));
    assert.ok(dead.length <= 2, `${dead.length} dead among the active`);
    const other = alive[(i * 7 + 3) % alive.length]!;
    assert.notEqual(other.id, id);
    assert.equal((await membership.resolve(other.id, never))?.agent, other.id, `${i}`);
  }
});

Deno.test("Membership drops an advert that lies", async (t) => {
  const [self, member, stranger] = [generateSigner(), generateSigner(), generateSigner()];
  const membership = new Membership({
    self: keyId(self.publicKey),
    fleet: "office",
    advert: () => advertOf(self, "http://10.0.0.1:1"),
    isMember: (agent) => agent === keyId(member.publicKey),
    seeds: () => [],
    now: () => START,
    calls: {
      exchange: () => Promise.reject(new TypeError("unused")),
      greet: () => Promise.reject(new TypeError("unused")),
      resolve: () => Promise.reject(new TypeError("unused")),
    },
  });
  const address = "http://10.0.0.2:1";
  const lies: Record<string, Uint8Array> = {
    "of no member": advertOf(stranger, address),
    "signed by another": advertOf(member, address, {}, stranger),
    "of another fleet": advertOf(member, address, { fleet: "shop" }),
    "that has expired": advertOf(member, address, { expires: "2026-01-01T00:00:00Z" }),
    "of tomorrow": advertOf(member, address, {
      issued: "2026-01-02T00:00:00Z",
      expires: "2026-01-02T12:00:00Z",
    }),
    "that holds for ever": advertOf(member, address, { expires: "2036-01-01T00:00:00Z" }),
    "with a path in its address": advertOf(member, "http://10.0.0.2:1/path"),
    "of a file": advertOf(member, "file:///etc/passwd"),
    "that is no envelope": new TextEncoder().encode("{}"),
  };
  for (const [name, bytes] of Object.entries(lies)) {
    await t.step(name, () => {
      membership.answer([bytes], keyId(stranger.publicKey));
      assert.deepEqual(membership.view.all, []);
    });
  }
  await t.step("and takes one that does not, once", () => {
    membership.answer([advertOf(member, address)], keyId(member.publicKey));
    membership.answer([advertOf(member, "http://10.9.9.9:1")], keyId(member.publicKey));
    assert.deepEqual(membership.view.active.map(({ advert }) => advert.addresses), [[address]]);
  });
  await t.step("and an older one in its place never, a newer one at once", () => {
    const newer = advertOf(member, "http://10.0.0.3:1", { sequence: 2 });
    membership.answer([newer, advertOf(member, address)], keyId(stranger.publicKey));
    assert.deepEqual(membership.view.active[0]!.advert.addresses, ["http://10.0.0.3:1"]);
  });
});
