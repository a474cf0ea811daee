import type { Digest } from "../../core/documents/common.ts";
import { wait } from "../../core/wait.ts";
import { PeerError } from "../errors.ts";
import { shuffled } from "../shuffled.ts";
import { AskedPeer } from "./asked_peer.ts";
import { ChunkGetter } from "./chunk_getter.ts";
import { ChunkPicker } from "./chunk_picker.ts";
import { DOWNLOAD_LIMITS } from "./download_limits.ts";
import type { SwarmDownloadOptions } from "./download_options.ts";
import { Pace } from "./pace.ts";
import type { PartialBlob } from "./partial_blob.ts";
import type { SwarmPeer } from "./swarm_peer.ts";

/**
 * Fills a partial blob from several peers at once. Chunks are judged as they come; who sends a wrong
 * one is banned. Peers that stall, die or lie delay the end, and change nothing in what is kept.
 */
export class SwarmDownload {
  /**
   * Resolves when the blob is whole.
   *
   * @throws {PeerError} nobody_has_it – no peer is left, no other came, and chunks are missing
   * @throws {PeerError} disk_full – no space is left
   * @throws whatever the signal was aborted with
   */
  readonly done: Promise<void>;
  readonly #list: Digest;
  readonly #partial: PartialBlob;
  readonly #options: SwarmDownloadOptions;
  readonly #picker: ChunkPicker;
  readonly #random: () => number;
  /** Chunks under way at the same time that are not late. */
  readonly #most: number;
  readonly #stop = new AbortController();
  readonly #asked = new Map<string, AskedPeer>();
  /** Whatever has begun and has not ended. */
  readonly #work = new Set<Promise<void>>();
  readonly #banned = new Set<string>();
  /** Peers for whom there is no place yet. */
  readonly #spare = new Map<string, SwarmPeer>();
  readonly #end = Promise.withResolvers<void>();
  readonly #pace = new Pace();
  readonly #chunks: ChunkGetter;
  #isPlanned = false;
  #patience: ReturnType<typeof setTimeout> | undefined;

  /** @param list Digest of the blob's chunk list. */
  constructor(list: Digest, partial: PartialBlob, options: SwarmDownloadOptions) {
    this.#list = list;
    this.#partial = partial;
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#most = Math.max(
      DOWNLOAD_LIMITS.LEAST_AT_ONCE,
      Math.floor(DOWNLOAD_LIMITS.BYTES_AT_ONCE / partial.list.chunkBytes),
    );
    const lateMs = () => this.#pace.lateMs;
    this.#picker = new ChunkPicker(partial.have, { random: this.#random, lateMs });
    const { rate, onProgress } = options;
    this.#chunks = new ChunkGetter(list, partial, {
      ...{ picker: this.#picker, pace: this.#pace, random: this.#random },
      ...(rate && { rate }),
      ...(onProgress && { onProgress }),
    });
    this.done = this.#finish();
    const { signal } = options;
    if (signal.aborted) this.#end.reject(signal.reason);
    signal.addEventListener("abort", () => this.#end.reject(signal.reason), {
      signal: this.#stop.signal,
    });
    this.#look();
  }

  /**
   * Asks more peers, but for those that are banned or asked already. Chance decides who gets the few
   * places: were all agents to ask the same few, nobody would hear of what the others have.
   */
  add(...peers: SwarmPeer[]): void {
    for (const peer of shuffled(peers, this.#random)) this.#add(peer);
  }

  #add(peer: SwarmPeer): void {
    if (this.#stop.signal.aborted || this.#banned.has(peer.id) || this.#asked.has(peer.id)) return;
    if (this.#asked.size >= DOWNLOAD_LIMITS.MAX_PEERS && !peer.source) {
      this.#spare.set(peer.id, peer);
      return;
    }
    this.#spare.delete(peer.id);
    const { length } = this.#partial.have;
    const asked = new AskedPeer(peer, this.#list, length, this.#stop.signal);
    this.#asked.set(peer.id, asked);
    this.#begin(this.#greet(asked), asked);
    this.#look();
  }

  #leave(asked: AskedPeer): void {
    asked.leave();
    if (this.#asked.get(asked.peer.id) !== asked) return;
    this.#replace(asked);
    this.#plan();
    this.#look();
  }

  /** Another gets the place; what this one was asked for may still come. */
  #replace({ peer }: AskedPeer): void {
    this.#asked.delete(peer.id);
    this.#picker.remove(peer.id);
    const [next] = this.#spare.values();
    if (next) this.#add(next);
  }

  #ban({ id }: SwarmPeer): void {
    this.#banned.add(id);
    this.#options.onBan?.(id);
  }

  async #finish(): Promise<void> {
    const timer = setInterval(() => this.#ask(), DOWNLOAD_LIMITS.LOOK_MS);
    try {
      await this.#end.promise;
    } finally {
      clearInterval(timer);
      clearTimeout(this.#patience);
      this.#stop.abort(new DOMException("the download is over", "AbortError"));
      await Promise.allSettled(this.#work);
    }
  }

  /** Whether it is over, or there is nobody to ask. */
  #look(): void {
    clearTimeout(this.#patience);
    if (this.#partial.have.full) return this.#end.resolve();
    if (this.#asked.size > 0 || this.#stop.signal.aborted) return;
    this.#patience = setTimeout(() => {
      const { count, length } = this.#partial.have;
      const found = `${length - count} of ${length} chunks are missing`;
      const message = `Cannot get the blob of ${this.#list} as nobody has the rest: ${found}`;
      this.#end.reject(new PeerError("nobody_has_it", message));
    }, this.#options.patienceMs ?? DOWNLOAD_LIMITS.PATIENCE_MS);
  }

  /** Asks soon, once for everything that changes now. */
  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      this.#ask();
    });
  }

  /**
   * As many chunks as may be under way: one of each peer in turn, of the source last. Of those that
   * may be gone only what no other has room for.
   */
  #ask(): void {
    const now = performance.now();
    const peers = shuffled([...this.#asked.values()], this.#random)
      .sort((a, b) => Number(a.isSource) - Number(b.isSource));
    const isQuiet = (asked: AskedPeer) => asked.isQuiet(now, this.#pace.lateMs / 2);
    for (const some of [peers.filter((asked) => !isQuiet(asked)), peers.filter(isQuiet)]) {
      while (!this.#stop.signal.aborted && some.filter((asked) => this.#askOne(asked)).length > 0);
    }
    for (const asked of peers) this.#tend(asked);
  }

  /** Whether as many chunks are under way as may be. */
  get #isBusy(): boolean {
    return this.#picker.underWay(performance.now()) >= this.#most;
  }

  /** @returns whether there was something to ask this peer for. */
  #askOne(asked: AskedPeer): boolean {
    const now = performance.now();
    const isFull = asked.underWay >= DOWNLOAD_LIMITS.CHUNKS_OF_ONE ||
      asked.isLate(now, this.#pace.lateMs);
    if (isFull || this.#isBusy) return false;
    const index = this.#picker.next(asked.peer.id, now, this.#admits(asked));
    if (index === undefined) return false;
    this.#begin(this.#get(asked, index), asked);
    return true;
  }

  /**
   * Who has nothing to give is asked for news. Who stays so, or is late, leaves its place to one that
   * waits.
   */
  #tend(asked: AskedPeer): void {
    if (asked.signal.aborted) return;
    const now = performance.now();
    const isIdle = asked.underWay === 0 && !this.#isBusy;
    const isUseless = isIdle &&
      now - asked.askedAt > (asked.hasSpoken ? DOWNLOAD_LIMITS.IDLE_MS : DOWNLOAD_LIMITS.SILENT_MS);
    const isSlow = isUseless || asked.isLate(now, this.#pace.lateMs);
    if (isSlow && !asked.isSource && this.#spare.size > 0) this.#replace(asked);
    else if (isIdle && !asked.isHeard) this.#begin(this.#hear(asked), asked);
  }

  /** The source is spared what peers have, as long as something comes from them in time. */
  #admits({ isSource }: AskedPeer): (index: number) => boolean {
    const isStalled = performance.now() - this.#chunks.peerGaveAt >= this.#pace.lateMs;
    if (!isSource || isStalled) return () => true;
    return (index) => this.#picker.copies(index) <= 1;
  }

  /** A peer that fails is left, one that sent a wrong chunk for good; a full disk ends the download. */
  #begin(work: Promise<void>, asked: AskedPeer): void {
    const done: Promise<void> = work.catch((error) => {
      const code = error instanceof PeerError ? error.code : undefined;
      if (code === "disk_full") this.#end.reject(error);
      if (code === "bad_chunk") this.#ban(asked.peer);
      this.#leave(asked);
    }).finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  async #greet(asked: AskedPeer): Promise<void> {
    if (asked.peer.source) {
      await wait(this.#random() * DOWNLOAD_LIMITS.SOURCE_DELAY_MS, asked.signal);
    }
    await this.#hear(asked);
  }

  /** What the peer has got since. */
  async #hear(asked: AskedPeer): Promise<void> {
    this.#picker.update(asked.peer.id, await asked.hear());
    this.#plan();
  }

  async #get(asked: AskedPeer, index: number): Promise<void> {
    await this.#chunks.get(asked, index);
    if (this.#partial.have.full) this.#end.resolve();
    this.#plan();
  }
}
