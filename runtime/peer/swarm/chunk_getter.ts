import { release } from "../../core/release.ts";
import type { Digest } from "../../core/documents/common.ts";
import { PeerError } from "../errors.ts";
import type { AskedPeer } from "./asked_peer.ts";
import { chunkLength } from "./chunk_list.ts";
import type { ChunkPicker } from "./chunk_picker.ts";
import { DOWNLOAD_LIMITS } from "./download_limits.ts";
import type { SwarmDownloadOptions } from "./download_options.ts";
import type { Pace } from "./pace.ts";
import type { PartialBlob } from "./partial_blob.ts";
import { Rivals } from "./rivals.ts";
import { LEAST_TURN_MS } from "./seed_turns.ts";

/** What a download lends {@linkcode ChunkGetter}. */
export interface ChunkGetterParts extends Pick<SwarmDownloadOptions, "rate" | "onProgress"> {
  /** Hears what peers have, refuse and gave. */
  readonly picker: ChunkPicker;
  /** Hears how long chunks take. */
  readonly pace: Pace;
  /** At least 0, less than 1. */
  readonly random: () => number;
}

/** Gets single chunks of a blob from peers, judges them, and keeps those that are right. */
export class ChunkGetter {
  /** When a peer that is not the source gave one last. */
  peerGaveAt: number = performance.now();
  readonly #list: Digest;
  readonly #partial: PartialBlob;
  readonly #parts: ChunkGetterParts;
  readonly #rivals = new Rivals();
  readonly #bytes = { source: 0, peers: 0 };

  /** @param list Digest of the blob's chunk list. */
  constructor(list: Digest, partial: PartialBlob, parts: ChunkGetterParts) {
    this.#list = list;
    this.#partial = partial;
    this.#parts = parts;
  }

  /**
   * Gets a chunk of a peer, unless another gives it first. What goes wrong is tried again later, of
   * this peer or of others, as long as that may help.
   *
   * @throws {PeerError} bad_chunk, disk_full – it may not
   * @throws what the last of several failures was
   */
  async get(asked: AskedPeer, index: number): Promise<void> {
    const { peer, signal } = asked;
    const request = this.#rivals.begin(index);
    const began = asked.begin(performance.now());
    try {
      const given = await this.#take(asked, index, request.signal);
      asked.failures = 0;
      if (given) {
        asked.gaveAt = performance.now();
        this.#rivals.won(index, request);
      }
    } catch (error) {
      if (request.signal.aborted) {
        // One that gives nothing any more says nothing of how long chunks take.
        if (asked.gaveAt > began) this.#parts.pace.took(performance.now() - began);
        return;
      }
      if (
        signal.aborted || !mayHelpAgain(error) ||
        ++asked.failures >= DOWNLOAD_LIMITS.MAX_FAILURES
      ) {
        throw error;
      }
      this.#parts.picker.refused(peer.id, index, performance.now() + DOWNLOAD_LIMITS.FAILED_MS);
    } finally {
      asked.end(began);
      this.#rivals.end(index, request);
    }
  }

  /**
   * @param rival Aborted when another peer gave the chunk.
   * @returns whether this peer gave it.
   */
  async #take(asked: AskedPeer, index: number, rival: AbortSignal): Promise<boolean> {
    const { peer, signal } = asked;
    const began = performance.now();
    const { chunks } = this.#partial.list;
    const length = chunkLength(this.#partial.list, index);
    await this.#parts.rate?.take(length, signal);
    const timely = AbortSignal.any([
      signal,
      rival,
      AbortSignal.timeout(DOWNLOAD_LIMITS.CHUNK_TIMEOUT_MS),
    ]);
    const wanted = { chunks: chunks.length, length, digest: chunks[index]! };
    const { bytes, has, isSource } = await peer.chunk(this.#list, index, wanted, timely);
    if (has) this.#parts.picker.update(peer.id, has);
    if (isSource) asked.isSource = true;
    if (bytes === undefined) {
      const until = performance.now() + LEAST_TURN_MS * (1 + this.#parts.random() / 2);
      this.#parts.picker.refused(peer.id, index, until);
      return false;
    }
    this.#partial.put(index, bytes);
    release(bytes);
    this.#parts.picker.got(index);
    this.#parts.pace.took(performance.now() - began);
    this.#bytes[asked.isSource ? "source" : "peers"] += length;
    if (!asked.isSource) this.peerGaveAt = performance.now();
    const { count, length: of } = this.#partial.have;
    const { source, peers } = this.#bytes;
    this.#parts.onProgress?.({ chunks: count, of, sourceBytes: source, peerBytes: peers });
    return true;
  }
}

/** Whether the same peer may do better the next time. */
function mayHelpAgain(error: unknown): boolean {
  return !(error instanceof PeerError && ["bad_chunk", "disk_full"].includes(error.code));
}
