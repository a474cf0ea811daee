import { Bitfield } from "./bitfield.ts";

/** What a {@linkcode ChunkPicker} leaves to chance, and how long it waits. */
export interface ChunkPickerOptions {
  /** From 0 up to 1, as `Math.random`. */
  random(): number;
  /** A chunk that is under way longer than this is asked of a second peer, milliseconds. */
  lateMs(): number;
}

/** Peers that are asked for the same chunk at the end. */
const ENDGAME_PEERS = 3;
/** At the end, and when it was late once, a chunk is late that much sooner. */
const SOONER = 4;

interface Peer {
  has: Bitfield;
  /** Chunks it was asked for and refused, until when. */
  readonly refused: Map<number, number>;
}

/**
 * Decides who is asked for what: the rarest chunk first, chance among equals, so that peers get
 * different chunks and can trade; each chunk of one peer at a time, until it is late or nothing
 * else is left to ask for. Pure: the caller says what time it is.
 */
export class ChunkPicker {
  readonly have: Bitfield;
  readonly #options: ChunkPickerOptions;
  readonly #peers = new Map<string, Peer>();
  /** How many peers have a chunk. */
  readonly #copies: Uint16Array;
  /** Who was asked for a chunk, and when. */
  readonly #asked = new Map<number, Map<string, number>>();

  constructor(have: Bitfield, options: ChunkPickerOptions) {
    this.have = have;
    this.#options = options;
    this.#copies = new Uint16Array(have.length);
  }

  /** Takes note of what a peer has. What it was seen to have before, it still has. */
  update(peer: string, has: Bitfield): void {
    const known = this.#peers.get(peer) ?? { has: new Bitfield(has.length), refused: new Map() };
    this.#peers.set(peer, known);
    for (let index = 0; index < has.length; index++) {
      if (!has.has(index) || known.has.has(index)) continue;
      known.has.add(index);
      this.#copies[index]!++;
    }
  }

  /** Forgets a peer; what it was asked for can be asked of others. */
  remove(peer: string): void {
    const has = this.#peers.get(peer)?.has;
    if (has === undefined) return;
    for (let i = 0; i < has.length; i++) if (has.has(i)) this.#copies[i]!--;
    this.#peers.delete(peer);
    for (const [index, peers] of this.#asked) {
      peers.delete(peer);
      if (peers.size === 0) this.#asked.delete(index);
    }
  }

  /** How many of the peers that are known have this chunk. */
  copies(index: number): number {
    return this.#copies[index]!;
  }

  /**
   * The chunk to ask this peer for now; it counts as asked.
   *
   * @param now Milliseconds, of any clock that does not jump.
   * @param admits Narrows the choice further: to what no other has, say.
   * @returns `undefined` when there is nothing to ask it for.
   */
  next(peer: string, now: number, admits = (_index: number) => true): number | undefined {
    const known = this.#peers.get(peer);
    if (known === undefined) return undefined;
    const open = (index: number) =>
      known.has.has(index) && !this.have.has(index) && admits(index) &&
      !((known.refused.get(index) ?? -Infinity) > now);
    const chosen = this.#rarest((index) => open(index) && !this.#asked.has(index)) ??
      this.#rarest((index) => open(index) && this.#mayAskAgain(index, peer, now));
    if (chosen === undefined) return undefined;
    const peers = this.#asked.get(chosen) ?? new Map<string, number>();
    this.#asked.set(chosen, peers.set(peer, now));
    return chosen;
  }

  /** Chunks that somebody was asked for and that are not late yet. */
  underWay(now: number): number {
    let count = 0;
    const since = now - this.#options.lateMs();
    for (const peers of this.#asked.values()) {
      for (const at of peers.values()) if (at > since) count++;
    }
    return count;
  }

  /** The chunk is there. */
  got(index: number): void {
    this.have.add(index);
    this.#asked.delete(index);
  }

  /** The peer did not give the chunk; it is not asked for it again before `until`. */
  refused(peer: string, index: number, until: number): void {
    this.#peers.get(peer)?.refused.set(index, until);
    const peers = this.#asked.get(index);
    peers?.delete(peer);
    if (peers?.size === 0) this.#asked.delete(index);
  }

  /** Late, or in the endgame, when every chunk that is missing is under way; one after another. */
  #mayAskAgain(index: number, peer: string, now: number): boolean {
    const peers = this.#asked.get(index);
    if (peers === undefined || peers.has(peer)) return false;
    const lateMs = this.#options.lateMs();
    const times = [...peers.values()];
    if (now - Math.max(...times) < lateMs / SOONER) return false;
    if (now - Math.min(...times) >= lateMs) return true;
    const missing = this.have.length - this.have.count;
    return peers.size < ENDGAME_PEERS && missing === this.#asked.size && missing <= ENDGAME_PEERS;
  }

  #rarest(admits: (index: number) => boolean): number | undefined {
    let best: number | undefined;
    let fewest = Infinity;
    let equals = 0;
    for (let index = 0; index < this.have.length; index++) {
      if (!admits(index)) continue;
      const copies = this.#copies[index]!;
      if (copies > fewest) continue;
      equals = copies < fewest ? 1 : equals + 1;
      fewest = copies;
      // Each of n equals stays with a chance of 1 in n, in one pass.
      if (this.#options.random() * equals < 1) best = index;
    }
    return best;
  }
}
