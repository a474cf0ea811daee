import type { Advert } from "../../core/documents/advert.ts";
import type { Digest, KeyId, PublicKey, ScriptName } from "../../core/documents/common.ts";
import { serveSettings } from "../../core/documents/serve.ts";
import { sealDocument } from "../../core/dsse.ts";
import { instantOf } from "../../core/instant.ts";
import { keyId, type Signer } from "../../core/key.ts";
import {
  BloomFilter,
  httpMembershipCalls,
  type KnownPeer,
  Membership,
  type Question,
} from "../../peer/membership/mod.ts";
import { type CallCarrier, type CallClient, PinnedClients, raceInTurns } from "../../peer/mod.ts";
import { reachOf } from "../../peer/membership/reach.ts";
import type { SwarmAddress } from "../../peer/swarm/mod.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { PeerEntry } from "../../policy/mod.ts";
import type { Rules } from "../trust/load_rules.ts";
import type { PeerAddress } from "./peer_sockets.ts";
import type { Rendezvous } from "./rendezvous.ts";

/** How long an advert holds; a new one is made when half of it is over. */
const ADVERT_MS = 12 * 60 * 60_000;
/** The fleet is asked, too, when the hub has not answered by then. */
const HUB_FIRST_MS = 500;
/** The scripts that an advert names, at most. */
const MAX_SCRIPTS = 64;
/** The relays that an advert names, at most. */
const MAX_RELAYS = 4;

/** What a {@linkcode PeerNetwork} works with. */
export interface PeerNetworkOptions {
  readonly signer: Signer;
  rules(): Rules;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Where peers reach this agent; nothing where they cannot. */
  addresses(): readonly string[];
  /** Digest of the certificate that vouches for its TLS. */
  readonly ca?: Digest;
  /** Chunk lists of the blobs that are offered here. */
  offered(): readonly Digest[];
  /** Keys of the relays that this agent is reached through; absent where it never is. */
  relays?(): readonly PublicKey[];
  /** What carries calls to an address behind a relay; absent where there are none. */
  carry?(origin: string): CallCarrier | undefined;
  /** The hub, where agents may find each other there. */
  readonly rendezvous?: Rendezvous;
  readonly log: Log;
}

/** The other agents of the fleet, as this one knows them: by its policy, and by their adverts. */
export class PeerNetwork implements AsyncDisposable {
  readonly id: KeyId;
  readonly membership: Membership;
  readonly #options: PeerNetworkOptions;
  readonly #clients: PinnedClients;
  readonly #stopping = new AbortController();
  #advert: { bytes: Uint8Array; made: number; says: string } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(options: PeerNetworkOptions) {
    const { signer, rules, now } = options;
    this.#options = options;
    this.#clients = new PinnedClients(options.carry);
    this.id = keyId(signer.publicKey);
    this.membership = new Membership({
      self: this.id,
      fleet: rules().policy.fleet,
      advert: () => this.advert(),
      isMember: (agent) => this.isMember(agent),
      seeds: () => this.#listed().map(({ url }) => url),
      calls: httpMembershipCalls({
        signer,
        clients: this.#clients,
        agentAt: (url) => this.#listed().find((peer) => peer.url === url),
      }),
      now,
    });
  }

  /** Begins to gossip, where the policy lists anybody to begin with. */
  begin(): void {
    this.#timer = setTimeout(() => {
      this.#round = this.#gossip().finally(() => {
        if (!this.#stopping.signal.aborted) this.begin();
      });
    }, this.membership.pauseMs);
    Deno.unrefTimer(this.#timer);
  }

  /** Whether the policy knows this agent: it lists it as a peer, or gives it a label. */
  isMember(agent: KeyId): boolean {
    const { peers = [], policy } = this.#options.rules();
    return agent === this.id || policy.labels.has(agent) || peers.some(({ id }) => id === agent);
  }

  /** Members that the policy lists no address of, as their adverts have it. */
  get found(): PeerEntry[] {
    const listed = new Set(this.#listed().map(({ id }) => id));
    const { labels } = this.#options.rules().policy;
    return this.membership.view.all.flatMap((peer) => {
      const { agent, advert: { ca } } = peer;
      const url = urlOf(peer);
      if (listed.has(agent) || url === undefined) return [];
      return [{
        name: agent,
        id: agent,
        url,
        ...(ca && { ca }),
        labels: [...labels.get(agent) ?? []],
      }];
    });
  }

  /** This agent's advert; made anew when what it says has changed, or half its time is over. */
  advert(): Uint8Array {
    const now = this.#options.now();
    const about = this.#about();
    const says = JSON.stringify(about);
    const last = this.#advert;
    if (last && last.says === says && now - last.made < ADVERT_MS / 2) return last.bytes;
    const advert: Advert = {
      ...about,
      sequence: Math.max(now, (last?.made ?? 0) + 1),
      issued: instantOf(now),
      expires: instantOf(now + ADVERT_MS),
    };
    const bytes = sealDocument("advert", advert, [this.#options.signer]);
    this.#advert = { bytes, made: advert.sequence, says };
    return bytes;
  }

  /** Agents that may have the blob: those the policy lists, and those whose adverts say so. */
  addressesFor(list: Digest): SwarmAddress[] {
    return this.#addresses(({ advert }) =>
      advert.blobs !== undefined && BloomFilter.parse(advert.blobs).has(list)
    );
  }

  /** Agents that this one knows where to reach. */
  get neighbours(): SwarmAddress[] {
    return this.#addresses(() => true);
  }

  /** Finds an agent wherever it is in the fleet. */
  async resolve(agent: KeyId, signal: AbortSignal): Promise<KnownPeer | undefined> {
    const { membership } = this;
    const { rendezvous } = this.#options;
    if (!rendezvous || membership.view.get(agent)) return await membership.resolve(agent, signal);
    const over = new AbortController();
    const ends = AbortSignal.any([signal, over.signal]);
    const atHub = async () => {
      const told = await rendezvous.find(agent, ends);
      if (told) membership.hear(told);
      return membership.view.get(agent);
    };
    const ask = async (find: () => Promise<KnownPeer | undefined>) => {
      const found = await find();
      if (found) return found;
      throw new RangeError("not known there");
    };
    try {
      const ways = [atHub, () => membership.resolve(agent, ends)];
      return await raceInTurns(ways, ask, { atOnce: 1, patienceMs: HUB_FIRST_MS });
    } catch {
      return undefined;
    } finally {
      over.abort();
    }
  }

  /** Every address of an agent: what the policy lists, and what its own advert says. */
  async everyAddressOf(agent: KeyId, signal: AbortSignal): Promise<PeerAddress[]> {
    const hub = this.#options.rendezvous?.addressesOf(agent) ?? [];
    if (hub.length > 0) return hub;
    const listed = this.#listed().filter(({ id }) => id === agent);
    const known = this.membership.view.get(agent) ??
      (listed.length === 0 ? await this.resolve(agent, signal) : undefined);
    const told = known ? reachOf(known).map((url) => ({ url, ca: known.advert.ca })) : [];
    const own = new Set(listed.map(({ url }) => url));
    return [
      ...listed.map(({ url, ca }) => ({ url, ca })),
      ...told.filter(({ url }) => !own.has(url)),
    ];
  }

  /** What pins the certificate at an address. */
  async clientFor(url: string, ca: Digest | undefined): Promise<CallClient | undefined> {
    return await this.#clients.clientFor(url, ca);
  }

  /** Answers a peer's exchange of adverts. */
  exchange(adverts: readonly Uint8Array[], from: KeyId): Uint8Array[] {
    return this.membership.answer(adverts, from);
  }

  /** Answers a question that a peer passed on, as long as it waits for the answer. */
  async pass(
    question: Question,
    from: KeyId,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const ends = AbortSignal.any([signal, this.#stopping.signal]);
    return await this.membership.pass(question, from, ends);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopping.abort(new DOMException("the agent stops", "AbortError"));
    await this.#round;
    await this.#clients[Symbol.asyncDispose]();
  }

  async #gossip(): Promise<void> {
    try {
      const told = this.#options.rendezvous?.tell(this.advert(), this.#stopping.signal);
      await this.membership.gossip(this.#stopping.signal);
      for (const advert of await told ?? []) this.membership.hear(advert);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#options.log("warn", "gossip failed", { error: messageOf(error) });
    }
  }

  /** Of those that the policy lists, and of others that are wanted. */
  #addresses(isWanted: (peer: KnownPeer) => boolean): SwarmAddress[] {
    const { signer } = this.#options;
    const listed = this.#listed().map(({ id, url, ca }) => ({ agent: id, url, ca }));
    const told = this.membership.view.all.filter(isWanted).flatMap((peer) => {
      // Who names relays is there for those who cannot reach it otherwise.
      const url = urlOf(peer);
      return url === undefined ? [] : [{ agent: peer.agent, url, ca: peer.advert.ca }];
    });
    const seen = new Set<KeyId>();
    return [...listed, ...told].flatMap(({ agent, url, ca }) => {
      if (seen.has(agent)) return [];
      seen.add(agent);
      return [{ signer, agent, url, client: () => this.#clients.clientFor(url, ca) }];
    });
  }

  #listed() {
    return (this.#options.rules().peers ?? []).filter(({ id }) => id !== this.id);
  }

  #about() {
    const { signer, rules, addresses, ca, offered, relays } = this.#options;
    const { policy } = rules();
    const lists = offered();
    const scripts: ScriptName[] = [...policy.grants.values()]
      .filter(({ serve }) => serveSettings(serve).allow.some((caller) => caller !== "loopback"))
      .map(({ script }) => script).sort().slice(0, MAX_SCRIPTS);
    return {
      key: signer.publicKey,
      fleet: policy.fleet,
      addresses: addresses().slice(0, 8),
      relays: (relays?.() ?? []).slice(0, MAX_RELAYS),
      ...(ca && { ca }),
      groups: [...policy.labels.get(this.id) ?? []].slice(0, 16),
      scripts,
      ...(lists.length > 0 && { blobs: BloomFilter.of(lists).toString() }),
    };
  }
}

/** Where to call an agent: by a relay when it has one, as only then it may not be reached by itself. */
function urlOf(peer: KnownPeer): string | undefined {
  const urls = reachOf(peer);
  return peer.advert.relays.length > 0 ? urls.at(-1) : urls[0];
}
