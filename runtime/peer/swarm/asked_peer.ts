import type { Digest } from "../../core/documents/common.ts";
import type { Bitfield } from "./bitfield.ts";
import type { SwarmPeer } from "./swarm_peer.ts";

/** A peer that is asked for chunks of one blob, and how it goes with it. */
export class AskedPeer {
  readonly peer: SwarmPeer;
  /** Ends with the download, or when the peer is left. */
  readonly signal: AbortSignal;
  /** Chunks it was asked for that have not come. */
  underWay = 0;
  /** In a row. */
  failures = 0;
  /** When it was asked for a chunk last. */
  askedAt = performance.now();
  /** Whether the blob comes from there, as far as is known. */
  isSource: boolean;
  readonly #leave = new AbortController();
  readonly #list: Digest;
  readonly #chunks: number;
  #since = 0;
  #isHeard = false;

  /** @param stop Aborted when the download is over. */
  constructor(peer: SwarmPeer, list: Digest, chunks: number, stop: AbortSignal) {
    this.peer = peer;
    this.isSource = peer.source;
    this.signal = AbortSignal.any([stop, this.#leave.signal]);
    this.#list = list;
    this.#chunks = chunks;
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
    this.#isHeard = has.full;
    return has;
  }

  /** Ends whatever it was asked for. */
  leave(): void {
    this.#leave.abort();
  }
}
