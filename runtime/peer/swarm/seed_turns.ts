/** How long a chunk that was given away is left to those who have it now, milliseconds. */
const TURN_MS = 30_000;
/** Sooner than this after it was given, it is given to nobody else. */
export const LEAST_TURN_MS = 1_000;
/** Between, so many are given out of turn, as whoever had one may be gone: a part of the blob … */
const SPARE_SHARE = 1 / 8;
/** … and one more after each of these times. */
const SPARE_MS = 4_000;
/** Among so few there is no turn: nobody may be left who could give it. */
const FEW_PEERS = 3;
/** Who has not asked for so long counts no more. */
const GONE_MS = 10_000;

/**
 * Keeps a source from giving the same chunk to everybody: the first who asks gets it, and those who
 * ask soon after are told to look for it elsewhere. So a blob leaves its source about once, however
 * many want it, and nobody is refused for ever.
 */
export class SeedTurns {
  readonly #given = new Map<number, { to: string; at: number }>();
  /** When each peer asked last. */
  readonly #askers = new Map<string, number>();
  readonly #mostSpare: number;
  #spare: number;
  #sparedAt = -Infinity;

  /** @param chunks Of the blob. */
  constructor(chunks: number) {
    this.#mostSpare = Math.ceil(chunks * SPARE_SHARE);
    this.#spare = this.#mostSpare;
  }

  /**
   * @param now Milliseconds, of any clock that does not jump.
   * @returns Whether this peer may have this chunk now; it then counts as given.
   */
  take(index: number, peer: string, now: number): boolean {
    this.#askers.set(peer, now);
    const last = this.#given.get(index);
    if (last && last.to !== peer && !this.#isOver(now - last.at, now)) return false;
    this.#given.set(index, { to: peer, at: now });
    return true;
  }

  #isOver(sinceMs: number, now: number): boolean {
    if (sinceMs < LEAST_TURN_MS) return false;
    return sinceMs >= TURN_MS || this.#areFew(now) || this.#takeSpare(now);
  }

  #areFew(now: number): boolean {
    for (const [peer, at] of this.#askers) if (now - at >= GONE_MS) this.#askers.delete(peer);
    return this.#askers.size <= FEW_PEERS;
  }

  #takeSpare(now: number): boolean {
    const more = Math.floor((now - this.#sparedAt) / SPARE_MS);
    if (more > 0) {
      this.#spare = Math.min(this.#mostSpare, this.#spare + more);
      this.#sparedAt = now;
    }
    if (this.#spare === 0) return false;
    this.#spare--;
    return true;
  }
}
