import type { KeyId } from "../../core/documents/common.ts";
import { VerificationError } from "../../core/errors.ts";
import { verifyAdvert } from "../../core/verification/advert.ts";
import { raceInTurns } from "../race_in_turns.ts";
import { shuffled } from "../shuffled.ts";
import { EXCHANGED_ADVERTS } from "./wire.ts";
import { ACTIVE_PEERS, type KnownPeer, PeerView } from "./peer_view.ts";

/** From one round of gossip to the next, milliseconds. */
export const GOSSIP_MS = 20_000;
/** The same while fewer peers are known than an agent wants to talk to. */
const HASTY_GOSSIP_MS = 1_000;
/** A peer that is connected to within this, or not at all. */
export const CONNECT_MS = 1_000;
/** Addresses of the policy that are greeted in one round. */
const GREETED_SEEDS = 3;
/** How far a question for an agent travels: six peers each, it passes fleets of 40,000. */
const QUESTION_HOPS = 6;
/**
 * Who is asked next when those before did not know, and how far they pass the question on. Peers know
 * of 36 agents each, so most are found next door; the last step alone costs the whole fleet.
 */
const STEPS = [
  { whom: "active", hops: 1 },
  { whom: "passive", hops: 1 },
  { whom: "active", hops: 2 },
  { whom: "active", hops: QUESTION_HOPS },
] as const;
/** After this the next step begins, milliseconds: one of those that were asked may be gone. */
const STEP_MS = 1_500;
/** Questions that are remembered, so that none goes in circles. */
const REMEMBERED_QUESTIONS = 1_000;
/** Questions of others that are passed on in a second: more is not answered. */
const QUESTIONS_PER_S = 20;

/** A question for an agent's advert, on its way through the fleet. */
export interface Question {
  /** Random; the same wherever the question goes. */
  readonly id: string;
  readonly agent: KeyId;
  /** How many more agents may pass it on. */
  readonly hops: number;
}

/** How other agents are reached. Whatever comes back is a stranger's until it is verified. */
export interface MembershipCalls {
  /** Sends adverts, one's own first, and gets some back. */
  exchange(
    peer: KnownPeer,
    adverts: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<readonly Uint8Array[]>;
  /** The same for an address that a policy names, of whose agent nothing is known yet. */
  greet(
    address: string,
    adverts: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<readonly Uint8Array[]>;
  resolve(
    peer: KnownPeer,
    question: Question,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined>;
}

/** What a {@linkcode Membership} works with. */
export interface MembershipOptions {
  readonly self: KeyId;
  readonly fleet: string;
  /** This agent's advert as it is now. */
  advert(): Uint8Array;
  /** Whether an agent belongs to the fleet: by the policy, never by its own word. */
  isMember(agent: KeyId): boolean;
  /** Addresses to begin with. */
  seeds(): readonly string[];
  readonly calls: MembershipCalls;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Default: `Math.random`. */
  random?(): number;
}

/**
 * Knows some of the fleet and finds all of it: tells peers about each other by signed adverts, and
 * asks them for those it does not know. Nothing here trusts: an advert of no member, or one that
 * does not verify, is dropped.
 */
export class Membership {
  readonly view: PeerView;
  readonly #options: MembershipOptions;
  readonly #random: () => number;
  readonly #asked = new Set<string>();
  #second = 0;
  #thisSecond = 0;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.view = new PeerView(options.self, this.#random);
  }

  /** How long to wait for the next round, milliseconds. */
  get pauseMs(): number {
    return this.view.active.length < ACTIVE_PEERS ? HASTY_GOSSIP_MS : GOSSIP_MS;
  }

  /** One round: an exchange with one peer, and with the seeds while too few peers are known. */
  async gossip(signal: AbortSignal): Promise<void> {
    this.view.expire(this.#options.now());
    const few = this.view.active.length < ACTIVE_PEERS;
    await Promise.all([this.#exchange(signal), few ? this.#greetSeeds(signal) : undefined]);
  }

  async #exchange(signal: AbortSignal): Promise<void> {
    const { calls, now } = this.#options;
    const peer = this.view.next();
    if (peer === undefined) return;
    try {
      const adverts = await calls.exchange(peer, this.#tell(peer.agent), signal);
      this.#learnAll(adverts, peer.agent);
    } catch {
      if (!signal.aborted) this.view.failed(peer.agent, now());
    }
  }

  /**
   * Answers an exchange that a peer began.
   *
   * @param from Who signed the call.
   * @returns Adverts for it, this agent's own first.
   */
  answer(adverts: readonly Uint8Array[], from: KeyId): Uint8Array[] {
    const answer = this.#tell(from);
    this.#learnAll(adverts, from);
    return answer;
  }

  /** Takes an advert that came by another way, of which it is not known who sent it. */
  hear(advert: Uint8Array): void {
    this.#learnAll([advert], undefined);
  }

  /** Finds an agent, by asking the fleet where it is not known here. */
  async resolve(agent: KeyId, signal: AbortSignal): Promise<KnownPeer | undefined> {
    const known = this.view.get(agent);
    if (known && Date.parse(known.advert.expires) > this.#options.now()) return known;
    const over = new AbortController();
    const ends = AbortSignal.any([signal, over.signal]);
    const take = async ({ whom, hops }: typeof STEPS[number]) => {
      ends.throwIfAborted();
      const id = crypto.randomUUID();
      this.#remember(id);
      return await this.#ask(this.view[whom], { id, agent, hops }, ends);
    };
    try {
      return await raceInTurns(STEPS, take, { atOnce: 1, patienceMs: STEP_MS });
    } catch {
      return undefined;
    } finally {
      over.abort();
    }
  }

  /**
   * Answers a question that a peer passed on; `undefined` when nobody here knows.
   *
   * @param signal Aborted when nobody waits for the answer any more, which ends what was passed on.
   */
  async pass(
    question: Question,
    from: KeyId,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    if (this.#asked.has(question.id) || this.#tooMany()) return undefined;
    this.#remember(question.id);
    if (question.agent === this.#options.self) return this.#options.advert();
    const known = this.view.get(question.agent);
    if (known) return known.bytes;
    const hops = Math.min(question.hops, QUESTION_HOPS) - 1;
    if (hops <= 0) return undefined;
    const others = this.view.active.filter(({ agent }) => agent !== from);
    const found = await this.#ask(others, { ...question, hops }, signal).catch(() => undefined);
    return found?.bytes;
  }

  /**
   * All of them at once; the first who knows ends the search.
   *
   * @throws {AggregateError} when none of them knows
   */
  async #ask(
    peers: readonly KnownPeer[],
    question: Question,
    signal: AbortSignal,
  ): Promise<KnownPeer> {
    const found = new AbortController();
    const ends = AbortSignal.any([signal, found.signal]);
    try {
      return await Promise.any(peers.map(async (peer) => {
        const bytes = await this.#options.calls.resolve(peer, question, ends);
        const known = bytes && this.#verified(bytes);
        if (known?.agent !== question.agent) throw new RangeError("not known there");
        return known;
      }));
    } finally {
      found.abort();
    }
  }

  async #greetSeeds(signal: AbortSignal): Promise<void> {
    const { calls, seeds } = this.#options;
    const known = new Set(this.view.all.flatMap(({ advert }) => advert.addresses));
    const unknown = shuffled(seeds().filter((address) => !known.has(address)), this.#random)
      .slice(0, GREETED_SEEDS);
    await Promise.allSettled(
      unknown.map(async (address) => {
        const adverts = await calls.greet(address, this.#tell(this.#options.self), signal);
        const first = adverts[0] && this.#verified(adverts[0]);
        this.#learnAll(adverts, first?.agent);
      }),
    );
  }

  #tell(to: KeyId): Uint8Array[] {
    return [
      this.#options.advert(),
      ...this.view.sample(EXCHANGED_ADVERTS, to).map(({ bytes }) => bytes),
    ];
  }

  /** @param from The agent that answered or called, whose advert comes from itself. */
  #learnAll(adverts: readonly Uint8Array[], from: KeyId | undefined): void {
    for (const bytes of adverts.slice(0, 1 + EXCHANGED_ADVERTS)) {
      const peer = this.#verified(bytes);
      if (peer) this.view.learn(peer, { spoke: peer.agent === from, now: this.#options.now() });
    }
  }

  #verified(bytes: Uint8Array): KnownPeer | undefined {
    const { fleet, now, isMember } = this.#options;
    try {
      const { advert, agent } = verifyAdvert(bytes, { fleet, now: now() });
      return isMember(agent) ? { agent, advert, bytes } : undefined;
    } catch (error) {
      if (error instanceof VerificationError) return undefined;
      throw error;
    }
  }

  #remember(question: string): void {
    this.#asked.add(question);
    const [oldest] = this.#asked;
    if (this.#asked.size > REMEMBERED_QUESTIONS) this.#asked.delete(oldest!);
  }

  #tooMany(): boolean {
    const second = Math.floor(this.#options.now() / 1000);
    if (second !== this.#second) [this.#second, this.#thisSecond] = [second, 0];
    return ++this.#thisSecond > QUESTIONS_PER_S;
  }
}
