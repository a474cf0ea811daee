import type { Advert } from "../../core/documents/advert.ts";
import type { KeyId } from "../../core/documents/common.ts";
import { shuffled } from "../shuffled.ts";

/** Peers that are talked to, and that calls for a name are passed on to. */
export const ACTIVE_PEERS = 6;
/** Peers that are only known, from which the active ones are replaced. */
export const PASSIVE_PEERS = 30;
/** Agents that did not answer, and for how long they are not tried again. */
const REMEMBERED_FAILURES = 100;
const FAILURE_MS = 60_000;

/** An advert that was verified, and its bytes, to pass on. */
export interface KnownPeer {
  readonly agent: KeyId;
  readonly advert: Advert;
  readonly bytes: Uint8Array;
}

/**
 * Whom an agent knows: a few it talks to and some more in reserve, as many in a fleet of twenty as
 * in one of twenty thousand. Chance decides who stays, so that the views of all together hold
 * together.
 *
 * @see HyParView (Leitão, Pereira, Rodrigues, 2007), "Partial Views"
 */
export class PeerView {
  readonly #self: KeyId;
  readonly #random: () => number;
  readonly #active = new Map<KeyId, KnownPeer>();
  readonly #passive = new Map<KeyId, KnownPeer>();
  readonly #failed = new Map<KeyId, number>();

  /** @param random From 0 up to 1, as `Math.random`. */
  constructor(self: KeyId, random: () => number) {
    this.#self = self;
    this.#random = random;
  }

  get active(): readonly KnownPeer[] {
    return [...this.#active.values()];
  }

  get passive(): readonly KnownPeer[] {
    return [...this.#passive.values()];
  }

  /** Everybody who is known. */
  get all(): readonly KnownPeer[] {
    return [...this.#active.values(), ...this.#passive.values()];
  }

  get(agent: KeyId): KnownPeer | undefined {
    return this.#active.get(agent) ?? this.#passive.get(agent);
  }

  /**
   * Takes note of a peer. An advert that is no newer than the one that is known changes nothing.
   *
   * @param spoke Whether the peer was just heard of directly, and so is alive.
   */
  learn(peer: KnownPeer, { spoke, now }: { spoke: boolean; now: number }): void {
    const { agent } = peer;
    if (agent === this.#self) return;
    if (spoke) this.#failed.delete(agent);
    else if ((this.#failed.get(agent) ?? -Infinity) > now) return;
    const known = this.get(agent);
    if (known && known.advert.sequence >= peer.advert.sequence) {
      if (spoke) this.#promote(known);
      return;
    }
    if (this.#active.has(agent)) this.#active.set(agent, peer);
    else if (spoke) this.#promote(peer);
    else this.#keep(peer);
  }

  /** The peer did not answer: it is left alone for a while, and another takes its place. */
  failed(agent: KeyId, now: number): void {
    this.#active.delete(agent);
    this.#passive.delete(agent);
    this.#failed.delete(agent);
    this.#failed.set(agent, now + FAILURE_MS);
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > REMEMBERED_FAILURES) this.#failed.delete(oldest!);
  }

  /** Forgets whose adverts have expired. */
  expire(now: number): void {
    for (const view of [this.#active, this.#passive]) {
      for (const [agent, { advert }] of view) {
        if (Date.parse(advert.expires) <= now) view.delete(agent);
      }
    }
  }

  /** Whom to talk to next: somebody new while there are too few active peers. */
  next(): KnownPeer | undefined {
    const [active, passive] = [this.active, this.passive].map((peers) =>
      peers.filter(({ advert }) => advert.addresses.length > 0)
    ) as [KnownPeer[], KnownPeer[]];
    const few = active.length < ACTIVE_PEERS && passive.length > 0;
    return pick(few ? passive : active, this.#random) ?? pick(passive, this.#random);
  }

  /** Some peers to tell another about. */
  sample(count: number, not: KeyId): KnownPeer[] {
    const peers = this.all.filter(({ agent }) => agent !== not);
    return shuffled(peers, this.#random).slice(0, count);
  }

  #promote(peer: KnownPeer): void {
    if (this.#active.has(peer.agent)) return;
    this.#passive.delete(peer.agent);
    if (this.#active.size >= ACTIVE_PEERS) {
      const out = this.#any(this.#active)!;
      this.#active.delete(out.agent);
      this.#keep(out);
    }
    this.#active.set(peer.agent, peer);
  }

  #keep(peer: KnownPeer): void {
    if (!this.#passive.has(peer.agent) && this.#passive.size >= PASSIVE_PEERS) {
      this.#passive.delete(this.#any(this.#passive)!.agent);
    }
    this.#passive.set(peer.agent, peer);
  }

  #any(peers: ReadonlyMap<KeyId, KnownPeer>): KnownPeer | undefined {
    return pick([...peers.values()], this.#random);
  }
}

function pick<T>(all: readonly T[], random: () => number): T | undefined {
  return all[Math.floor(random() * all.length)];
}
