import { digestOf, hexOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { PeerError, raceInTurns, shuffled } from "../../peer/mod.ts";
import {
  type ChunkList,
  chunkListBytes,
  fetchChunkList,
  httpSwarmPeer,
  makeChunkList,
  parseChunkList,
  PartialBlob,
  RateLimit,
  type SwarmAddress,
  SwarmDownload,
  type SwarmProgress,
  SwarmSeed,
  WholeBlob,
} from "../../peer/swarm/mod.ts";
import { removeQuietly } from "../state/durable_write.ts";
import type { SharedBlobTable } from "../store/shared_blobs.ts";

/** What a {@linkcode SwarmService} works with. */
export interface SwarmServiceOptions {
  readonly table: SharedBlobTable;
  /** Where downloads under way lie. */
  readonly folder: string;
  /** Opens a blob that is kept; `undefined` when it is not. */
  open(sha256: Digest): Promise<Deno.FsFile | undefined>;
  /** Agents that may have a blob, at this moment. */
  addresses(list: Digest): readonly SwarmAddress[];
  /** Bytes in a second, all blobs together, at this moment; absent: as many as go. */
  rates?(): { readonly upBytes?: number; readonly downBytes?: number };
  readonly log: Log;
}

/** How one blob is to be had. */
export interface PullOptions {
  readonly signal: AbortSignal;
  /** Longer ones are not begun. */
  readonly maxBytes: number;
  onProgress?(progress: SwarmProgress): void;
  /** Moves the whole blob away from where it lies, once it has that digest. */
  take(path: string, about: { sha256: Digest; length: number }): Promise<void>;
}

/** How peers are asked for a chunk list: each has the same one, or none. */
const LIST_RACE = { atOnce: 3, patienceMs: 1_000 };
/** Peers that joined since are looked for this often while a download is under way. */
const LOOK_MS = 1_000;

/**
 * Shares blobs with other agents and gets theirs: every chunk is given on as soon as it is here,
 * and what is whole is offered until it is gone from disk.
 */
export class SwarmService {
  readonly #options: SwarmServiceOptions;
  readonly #lists = new Map<Digest, Uint8Array>();
  /** Of these, those that a download offers which has not ended; only they go when it fails. */
  readonly #underWay = new Set<Digest>();
  /** Blobs that came from peers are given to whoever asks; those of our own in turns. */
  readonly #seeds: { own: SwarmSeed; others: SwarmSeed };
  readonly #down: RateLimit;
  readonly #pulls = new Map<Digest, Promise<void>>();
  readonly #banned = new Set<string>();
  #received = 0;

  constructor(options: SwarmServiceOptions) {
    this.#options = options;
    const rate = new RateLimit(() => options.rates?.().upBytes ?? Infinity);
    this.#seeds = {
      own: new SwarmSeed({ rate, source: true }),
      others: new SwarmSeed({ rate }),
    };
    this.#down = new RateLimit(() => options.rates?.().downBytes ?? Infinity);
    Deno.mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    for (const { list, bytes, sha256, source } of options.table.all()) {
      this.#offer(list, bytes, sha256, source);
    }
  }

  /** Lists that are offered, whole or under way. */
  get offered(): readonly Digest[] {
    return [...this.#lists.keys()];
  }

  /** Bytes of chunks since the start. */
  get traffic(): { sent: number; received: number } {
    return { sent: this.#seeds.own.sent + this.#seeds.others.sent, received: this.#received };
  }

  /**
   * Cuts a blob that is kept here and offers it.
   *
   * @returns The digest of its chunk list, by which peers ask for it.
   * @throws {PeerError} bad_blob – it is not here, or too long to be cut
   */
  async share(sha256: Digest): Promise<Digest> {
    const file = await this.#options.open(sha256);
    if (!file) throw new PeerError("bad_blob", `Cannot share ${sha256} as it is not here`);
    const { size } = await file.stat();
    const bytes = chunkListBytes(await makeChunkList(file.readable, size));
    const list = digestOf(bytes);
    if (!this.#lists.has(list) || this.#underWay.has(list)) {
      await this.#options.table.add({ list, sha256, bytes, source: true });
      this.#underWay.delete(list);
      this.#offer(list, bytes, sha256, true);
    }
    return list;
  }

  /**
   * Gets a blob from peers. One that is under way already is waited for, not begun again.
   *
   * @throws {PeerError} nobody_has_it, bad_blob, bad_chunk_list, disk_full
   * @throws whatever the signal was aborted with
   */
  async pull(list: Digest, options: PullOptions): Promise<void> {
    for (let running; (running = this.#pulls.get(list));) {
      await running.catch(() => {});
      options.signal.throwIfAborted();
    }
    const pull = this.#pull(list, options).finally(() => this.#pulls.delete(list));
    this.#pulls.set(list, pull);
    await pull;
  }

  /** A chunk list, when its blob is offered. */
  list(list: Digest): Uint8Array | undefined {
    return this.#lists.get(list);
  }

  async have(list: Digest, since: number, signal: AbortSignal) {
    return (await this.#seedOf(list)?.have(list, since, signal))?.bits;
  }

  async chunk(list: Digest, index: number, peer: string, signal: AbortSignal) {
    return await this.#seedOf(list)?.chunk(list, index, peer, signal);
  }

  async #pull(id: Digest, options: PullOptions): Promise<void> {
    const { signal, maxBytes, take, onProgress } = options;
    const list = await this.#findList(id, signal);
    if (list.length > maxBytes) {
      const found = `${list.length} bytes, at most ${maxBytes}`;
      throw new PeerError("bad_blob", `Cannot get the blob of ${id} as it is too long: ${found}`);
    }
    const bytes = chunkListBytes(list);
    const path = `${this.#options.folder}/${hexOf(id)}`;
    const partial = await PartialBlob.open(list, path);
    const seed = this.#seeds.others;
    try {
      if (!this.#lists.has(id)) {
        this.#lists.set(id, bytes);
        this.#underWay.add(id);
        seed.offer(id, partial);
      }
      let before = 0;
      const download = new SwarmDownload(id, partial, {
        signal,
        rate: this.#down,
        onProgress: (progress) => {
          const bytes = progress.sourceBytes + progress.peerBytes;
          this.#received += bytes - before;
          before = bytes;
          seed.changed(id);
          onProgress?.(progress);
        },
        onBan: (peer) => {
          this.#banned.add(peer);
          this.#options.log("warn", "peer sent a wrong chunk", { peer, blob: list.sha256 });
        },
      });
      await this.#askAround(id, download);
      await take(path, list).catch((error) => {
        // What was refused when it was whole would be refused again.
        removeQuietly(path);
        throw error;
      });
      if (this.#underWay.has(id)) {
        await this.#options.table.add({ list: id, sha256: list.sha256, bytes, source: false });
      }
      if (this.#underWay.delete(id)) this.#offer(id, bytes, list.sha256, false);
      partial[Symbol.dispose]();
    } catch (error) {
      // What was offered before, or was shared since, is somebody else's.
      if (this.#underWay.delete(id)) {
        seed.withdraw(id);
        this.#lists.delete(id);
      }
      // What does not fit would keep the disk full for the agent's own records.
      partial[Symbol.dispose]();
      if ((error as { code?: string }).code === "disk_full") removeQuietly(path);
      throw error;
    }
  }

  /** Adds peers, those that come later too, until the download is over. */
  async #askAround(id: Digest, download: SwarmDownload): Promise<void> {
    const look = () => {
      const others = this.#options.addresses(id).filter(({ agent }) => !this.#banned.has(agent));
      download.add(...others.map(httpSwarmPeer));
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    try {
      await download.done;
    } finally {
      clearInterval(timer);
    }
  }

  /** The first list that anybody gives and that is the one asked for. */
  async #findList(id: Digest, signal: AbortSignal): Promise<ChunkList> {
    const known = this.#lists.get(id);
    if (known) return parseChunkList(known, id);
    const enough = new AbortController();
    const ends = AbortSignal.any([signal, enough.signal]);
    const ask = async (address: SwarmAddress) => {
      const list = await fetchChunkList(address, id, ends);
      if (list) return list;
      throw new PeerError("nobody_has_it", `Cannot get the chunk list ${id} there`);
    };
    try {
      const addresses = shuffled(this.#options.addresses(id), Math.random);
      return await raceInTurns(addresses, ask, LIST_RACE);
    } catch (cause) {
      signal.throwIfAborted();
      const found = cause instanceof AggregateError ? cause.errors.map(messageOf).join("; ") : "";
      const message = `Cannot get the chunk list ${id} as nobody has it: ${found || "no peers"}`;
      throw new PeerError("nobody_has_it", message, { cause });
    } finally {
      enough.abort();
    }
  }

  #offer(list: Digest, bytes: Uint8Array, sha256: Digest, source: boolean): void {
    this.#lists.set(list, bytes);
    const whole = new WholeBlob(parseChunkList(bytes, list), () => this.#options.open(sha256));
    const { own, others } = this.#seeds;
    (source ? others : own).withdraw(list);
    (source ? own : others).offer(list, whole);
  }

  #seedOf(list: Digest): SwarmSeed | undefined {
    const { own, others } = this.#seeds;
    return own.offers(list) ? own : others.offers(list) ? others : undefined;
  }
}
