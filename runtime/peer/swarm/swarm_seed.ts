import type { Digest } from "../../core/documents/common.ts";
import { pause } from "../../core/wait.ts";
import type { Bitfield } from "./bitfield.ts";
import type { ChunkList } from "./chunk_list.ts";
import type { RateLimit } from "./rate_limit.ts";
import { SeedTurns } from "./seed_turns.ts";

/** How long a peer that asks for news waits for some, milliseconds. */
const NEWS_MS = 10_000;
/** News are gathered for as long, milliseconds: an answer costs more than a bit of it is worth. */
const GATHER_MS = 500;

/** What an agent has of one blob, whole or not. */
export interface SeededBlob {
  readonly list: ChunkList;
  readonly have: Bitfield;
  read(
    index: number,
  ): Uint8Array<ArrayBuffer> | undefined | Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** A chunk as it is given away. */
export interface OfferedChunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What `bytes` have, unless the disk has spoilt them: whoever gets them looks. */
  readonly digest: Digest;
  /** Everything that is there of the blob, as {@linkcode Bitfield.bytes}. */
  readonly has: Uint8Array;
}

/** What a {@linkcode SwarmSeed} may be told. */
export interface SwarmSeedOptions {
  /** Shared by all blobs of this agent. */
  readonly rate?: RateLimit;
  /** Whether the blobs come from here, so that chunks are given in turns. */
  readonly source?: boolean;
}

/** Offers the chunks of blobs to peers, from the first chunk on. */
export class SwarmSeed {
  readonly #options: SwarmSeedOptions;
  readonly #blobs = new Map<Digest, { blob: SeededBlob; turns: SeedTurns }>();
  #sent = 0;
  readonly #waiting = new Map<Digest, Set<() => void>>();

  constructor(options: SwarmSeedOptions = {}) {
    this.#options = options;
  }

  /** Bytes of chunks that were given away. */
  get sent(): number {
    return this.#sent;
  }

  /** Offers a blob, by the digest of its chunk list. */
  offer(list: Digest, blob: SeededBlob): void {
    this.#blobs.set(list, { blob, turns: new SeedTurns(blob.have.length) });
    this.changed(list);
  }

  /** Offers it no more. */
  withdraw(list: Digest): void {
    this.#blobs.delete(list);
    this.changed(list);
  }

  offers(list: Digest): boolean {
    return this.#blobs.has(list);
  }

  /** Wakes those who wait for news of this blob. */
  changed(list: Digest): void {
    for (const wake of this.#waiting.get(list) ?? []) wake();
  }

  /**
   * What is there, as {@linkcode Bitfield.bytes}; waits a bounded time for more than `since` chunks.
   *
   * @returns `undefined` for a blob that is not offered.
   */
  async have(
    list: Digest,
    since: number,
    signal: AbortSignal,
  ): Promise<{ version: number; bits: Uint8Array<ArrayBuffer> } | undefined> {
    if (this.#blobs.get(list)?.blob.have.count === since) {
      await this.#news(list, signal);
      if (this.#blobs.get(list)?.blob.have.full === false) await pause(GATHER_MS, signal);
    }
    const blob = this.#blobs.get(list)?.blob;
    return blob && { version: blob.have.count, bits: blob.have.bytes() };
  }

  /**
   * A chunk, when it is there and this peer's turn.
   *
   * @returns `"not_now"` for a source's chunk that another peer was given a moment ago;
   * `undefined` for one that is not there.
   */
  async chunk(
    list: Digest,
    index: number,
    peer: string,
    signal: AbortSignal,
  ): Promise<OfferedChunk | "not_now" | undefined> {
    const offered = this.#blobs.get(list);
    if (offered === undefined || !(index < offered.blob.have.length)) return undefined;
    const { blob, turns } = offered;
    if (!blob.have.has(index)) return undefined;
    if (this.#options.source && !turns.take(index, peer, performance.now())) return "not_now";
    const bytes = await blob.read(index);
    if (bytes === undefined) return undefined;
    await this.#options.rate?.take(bytes.length, signal);
    this.#sent += bytes.length;
    return { bytes, digest: blob.list.chunks[index]!, has: blob.have.bytes() };
  }

  #news(list: Digest, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(list) ?? new Set();
      this.#waiting.set(list, waiting);
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", wake);
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(list);
        resolve();
      };
      const timer = setTimeout(wake, NEWS_MS);
      waiting.add(wake);
      if (signal.aborted) wake();
      else signal.addEventListener("abort", wake, { once: true });
    });
  }
}
