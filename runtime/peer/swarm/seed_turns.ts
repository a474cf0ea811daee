/** How long a chunk that was given away is left to those who have it now, milliseconds. */
export const TURN_MS = 8_000;

/**
 * Keeps a source from giving the same chunk to everybody: the first who asks gets it, and those who
 * ask soon after are told to look for it elsewhere. So a blob leaves its source about once, however
 * many want it, and nobody is refused for ever.
 */
export class SeedTurns {
  readonly #given = new Map<number, { to: string; at: number }>();

  /**
   * @param now Milliseconds, of any clock that does not jump.
   * @returns Whether this peer may have this chunk now; it then counts as given.
   */
  take(index: number, peer: string, now: number): boolean {
    const last = this.#given.get(index);
    if (last !== undefined && last.to !== peer && now - last.at < TURN_MS) return false;
    this.#given.set(index, { to: peer, at: now });
    return true;
  }
}
