import type { Digest } from "../../core/documents/common.ts";
import type { Bitfield } from "./bitfield.ts";

/** Another agent, as a download sees it. What it says is a stranger's. */
export interface SwarmPeer {
  /** Tells peers apart: the agent's id. */
  readonly id: string;
  /** Whether it is known to be where the blob comes from, and so is asked last. */
  readonly source: boolean;
  /**
   * Which chunks it has. Waits, a bounded time, until there are others than `since` says.
   *
   * @param since `version` of the answer before, 0 at first.
   */
  have(
    list: Digest,
    since: number,
    chunks: number,
    signal: AbortSignal,
  ): Promise<{ version: number; has: Bitfield }>;
  /**
   * One chunk, and what the peer has by then.
   *
   * @param of How many chunks the blob has, and of this one the length in bytes and the digest.
   */
  chunk(
    list: Digest,
    index: number,
    of: WantedChunk,
    signal: AbortSignal,
  ): Promise<GivenChunk>;
}

/** What a list says of a chunk. */
export interface WantedChunk {
  readonly chunks: number;
  readonly length: number;
  readonly digest: Digest;
}

/** What a peer answered for a chunk. */
export interface GivenChunk {
  /** Not yet judged; absent when it would rather have another peer give it. */
  readonly bytes?: Uint8Array;
  readonly has?: Bitfield;
  /** Whether it gives the blob in turns, as whoever it comes from does. */
  readonly isSource?: boolean;
}
