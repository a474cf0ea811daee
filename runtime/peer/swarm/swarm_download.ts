import type { Digest } from "../../core/documents/common.ts";
import { PeerError } from "../errors.ts";
import type { Bitfield } from "./bitfield.ts";
import { chunkLength } from "./chunk_list.ts";
import { ChunkPicker } from "./chunk_picker.ts";
import type { PartialBlob } from "./partial_blob.ts";
import { type RateLimit, until } from "./rate_limit.ts";
import { TURN_MS } from "./seed_turns.ts";
import { shuffled } from "../shuffled.ts";
import type { SwarmPeer } from "./swarm_peer.ts";

/** Chunks asked of one peer at the same time. */
const CHUNKS_AT_ONCE = 3;
/** A chunk under way longer than this is asked of another peer, too. */
const LATE_MS = 1_000;
/** A peer that has not answered by then is not waited for. */
const CHUNK_TIMEOUT_MS = 15_000;
/** Failures in a row after which a peer is left alone. */
const MAX_FAILURES = 3;
/** The longest random pause before the source is asked at all. */
const SOURCE_DELAY_MS = 200;
/** A source is asked for chunks that peers have once nothing came from them for this long. */
const PEERS_STALLED_MS = 2_000;
/** Peers that are asked at the same time; the others take their places. */
const MAX_PEERS = 8;
/** A peer that has nothing to give for this long leaves its place to one that waits. */
const IDLE_MS = 2_000;
/** How long a download without peers waits for one. */
const PATIENCE_MS = 10_000;

/** How far a download is. */
export interface SwarmProgress {
  readonly chunks: number;
  readonly of: number;
  /** Bytes that came from the source. */
  readonly sourceBytes: number;
  /** Bytes that came from peers that are not the source. */
  readonly peerBytes: number;
}

/** What a {@linkcode SwarmDownload} works with. */
export interface SwarmDownloadOptions {
  readonly signal: AbortSignal;
  /** Shared by all downloads of this agent. */
  readonly rate?: RateLimit;
  /** Default: `Math.random`. */
  readonly random?: () => number;
  /** How long to wait for peers when there are none, milliseconds. Default: 10,000. */
  readonly patienceMs?: number;
  onProgress?(progress: SwarmProgress): void;
  /** Told of a peer that sent something else than the chunk it was asked for: it is asked no more. */
  onBan?(peer: string): void;
}

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
  readonly #stop = new AbortController();
  readonly #working = new Map<string, Promise<void>>();
  readonly #banned = new Set<string>();
  /** Peers for whom there is no place yet. */
  readonly #spare = new Map<string, SwarmPeer>();
  readonly #bytes = { source: 0, peers: 0 };
  readonly #end = Promise.withResolvers<void>();
  #peerGaveAt = performance.now();
  /** Resolved, and made anew, when there may be something new to ask for. */
  #news = Promise.withResolvers<void>();
  #patience: ReturnType<typeof setTimeout> | undefined;

  /** @param list Digest of the blob's chunk list. */
  constructor(list: Digest, partial: PartialBlob, options: SwarmDownloadOptions) {
    this.#list = list;
    this.#partial = partial;
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#picker = new ChunkPicker(partial.have, { random: this.#random, lateMs: LATE_MS });
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
    if (this.#stop.signal.aborted || this.#banned.has(peer.id) || this.#working.has(peer.id)) {
      return;
    }
    if (this.#working.size >= MAX_PEERS && !peer.source) {
      this.#spare.set(peer.id, peer);
      return;
    }
    this.#spare.delete(peer.id);
    const work = this.#work(peer).finally(() => {
      this.#working.delete(peer.id);
      this.#picker.remove(peer.id);
      this.#tell();
      const [next] = this.#spare.values();
      if (next) this.#add(next);
      this.#look();
    });
    this.#working.set(peer.id, work);
    this.#look();
  }

  async #finish(): Promise<void> {
    try {
      await this.#end.promise;
    } finally {
      clearTimeout(this.#patience);
      this.#stop.abort(new DOMException("the download is over", "AbortError"));
      await Promise.allSettled(this.#working.values());
    }
  }

  /** Whether it is over, or there is nobody to ask. */
  #look(): void {
    clearTimeout(this.#patience);
    if (this.#partial.have.full) return this.#end.resolve();
    if (this.#working.size > 0 || this.#stop.signal.aborted) return;
    this.#patience = setTimeout(() => {
      const { count, length } = this.#partial.have;
      const found = `${length - count} of ${length} chunks are missing`;
      const message = `Cannot get the blob of ${this.#list} as nobody has the rest: ${found}`;
      this.#end.reject(new PeerError("nobody_has_it", message));
    }, this.#options.patienceMs ?? PATIENCE_MS);
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  // -- one peer ----------------------------------------------------------------------------------

  /** Never rejects: a peer that fails is left. */
  async #work(peer: SwarmPeer): Promise<void> {
    const leave = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, leave.signal]);
    try {
      if (peer.source) await until(this.#random() * SOURCE_DELAY_MS, signal);
      const news = new News(peer, this.#list, this.#partial.list.chunks.length, signal);
      this.#picker.update(peer.id, await news.next());
      this.#tell();
      await Promise.all(
        Array.from({ length: CHUNKS_AT_ONCE }, () => this.#ask(peer, news, signal)),
      );
    } catch (error) {
      if (error instanceof PeerError && error.code === "disk_full") this.#end.reject(error);
    } finally {
      leave.abort();
    }
  }

  /** One chunk after another; ends when the peer has nothing to give and others wait. */
  async #ask(peer: SwarmPeer, news: News, signal: AbortSignal): Promise<void> {
    let failures = 0;
    let gave = performance.now();
    while (!signal.aborted) {
      const index = this.#picker.next(peer.id, performance.now(), this.#admits(peer));
      if (index === undefined) {
        const idle = performance.now() - gave > IDLE_MS;
        if (idle && !peer.source && this.#spare.size > 0) return;
        // What others gave, what the peer has got, or the moment at which a chunk counts as late.
        const has = await Promise.race([
          this.#news.promise.then(() => undefined),
          news.next(),
          until(LATE_MS / 2, signal).then(() => undefined),
        ]);
        if (has) this.#picker.update(peer.id, has);
        continue;
      }
      gave = performance.now();
      try {
        await this.#fetch(peer, index, signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted || !this.#mayGoOn(peer, error) || ++failures >= MAX_FAILURES) {
          throw error;
        }
        this.#picker.refused(peer.id, index, performance.now() + LATE_MS);
      }
    }
  }

  async #fetch(peer: SwarmPeer, index: number, signal: AbortSignal): Promise<void> {
    const length = chunkLength(this.#partial.list, index);
    await this.#options.rate?.take(length, signal);
    const timely = AbortSignal.any([signal, AbortSignal.timeout(CHUNK_TIMEOUT_MS)]);
    const { chunks } = this.#partial.list;
    const wanted = { chunks: chunks.length, length, digest: chunks[index]! };
    const { bytes, has } = await peer.chunk(this.#list, index, wanted, timely);
    if (has) this.#picker.update(peer.id, has);
    if (bytes === undefined) {
      this.#picker.refused(peer.id, index, performance.now() + TURN_MS * (1 + this.#random()));
      return;
    }
    this.#partial.put(index, bytes);
    this.#picker.got(index);
    this.#bytes[peer.source ? "source" : "peers"] += bytes.length;
    if (!peer.source) this.#peerGaveAt = performance.now();
    const { count, length: of } = this.#partial.have;
    const { source: sourceBytes, peers: peerBytes } = this.#bytes;
    this.#options.onProgress?.({ chunks: count, of, sourceBytes, peerBytes });
    this.#tell();
    if (this.#partial.have.full) this.#end.resolve();
  }

  /** The source is spared what peers have, as long as something comes from them. */
  #admits(peer: SwarmPeer): (index: number) => boolean {
    if (!peer.source || performance.now() - this.#peerGaveAt > PEERS_STALLED_MS) return () => true;
    return (index) => this.#picker.copies(index) <= 1;
  }

  #mayGoOn(peer: SwarmPeer, error: unknown): boolean {
    if (!(error instanceof PeerError)) return true;
    if (error.code === "bad_chunk") {
      this.#banned.add(peer.id);
      this.#options.onBan?.(peer.id);
    }
    return error.code !== "bad_chunk" && error.code !== "disk_full";
  }
}

/** What a peer has got since: one question at a time, whoever waits for the answer. */
class News {
  readonly #ask: (since: number) => Promise<{ version: number; has: Bitfield }>;
  #since = 0;
  #next: Promise<Bitfield> | undefined;

  constructor(peer: SwarmPeer, list: Digest, chunks: number, signal: AbortSignal) {
    this.#ask = (since) => peer.have(list, since, chunks, signal);
  }

  next(): Promise<Bitfield> {
    this.#next ??= this.#ask(this.#since).then(({ version, has }) => {
      this.#since = version;
      // Whoever has everything has no news any more.
      this.#next = has.full ? new Promise(() => {}) : undefined;
      return has;
    });
    this.#next.catch(() => {});
    return this.#next;
  }
}
