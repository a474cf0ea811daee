import type { Digest } from "../../core/documents/common.ts";
import type { Bitfield } from "./bitfield.ts";
import type { SwarmPeer } from "./swarm_peer.ts";

/** A peer that is asked for chunks of one blob, and how it goes with it. */
export class AskedPeer {
  readonly peer: SwarmPeer;
  /** Ends with the download, or when the peer is left. */
  readonly signal: AbortSignal;
  /** In a row. */
  failures = 0;
  /** When it was asked for a chunk last. */
  askedAt = performance.now();
  /** When it gave a chunk last. */
  gaveAt = -Infinity;
  /** Whether the blob comes from there, as far as is known. */
  isSource: boolean;
  /** When it was asked for each chunk that has not come. */
  readonly #underWay: number[] = [];
  readonly #leave = new AbortController();
  readonly #list: Digest;
  readonly #chunks: number;
  #since = 0;
  #isHeard = false;
  #hasSpoken = false;

  /** @param stop Aborted when the download is over. */
  constructor(peer: SwarmPeer, list: Digest, chunks: number, stop: AbortSignal) {
    this.peer = peer;
    this.isSource = peer.source;
    this.signal = AbortSignal.any([stop, this.#leave.signal]);
    this.#list = list;
    this.#chunks = chunks;
  }

  /** Chunks it was asked for that have not come. */
  get underWay(): number {
    return this.#underWay.length;
  }

  /** Whether a chunk has not come for so long. */
  isLate(now: number, lateMs: number): boolean {
    return this.#underWay.some((began) => began + lateMs <= now);
  }

  /** Whether it has given nothing for so long although it was asked: it may be gone. */
  isQuiet(now: number, ms: number): boolean {
    const [oldest = now] = this.#underWay;
    return Math.max(oldest, this.gaveAt) + ms <= now;
  }

  /** It is asked for a chunk; what this gives ends that. */
  begin(now: number): number {
    this.askedAt = now;
    this.#underWay.push(now);
    return now;
  }

  end(began: number): void {
    this.#underWay.splice(this.#underWay.indexOf(began), 1);
  }

  /** Whether it ever answered. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  /** Whether a question for news is under way, or none is left, as the peer has everything. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** What it has got since the last question. */
  async hear(): Promise<Bitfield> {
    this.#isHeard = true;
    const { version, has } = await this.peer.have(
      this.#list,
      this.#since,
      this.#chunks,
      this.signal,
    );
    this.#since = version;
    this.#hasSpoken = true;
    this.#isHeard = has.full;
    return has;
  }

  /** Ends whatever it was asked for. */
  leave(): void {
    this.#leave.abort();
  }
}
