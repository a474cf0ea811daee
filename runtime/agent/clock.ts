import { flooredNow } from "../core/verification/time.ts";

/**
 * The agent's "now": the local clock, but never earlier than the highest verified `issued`, so
 * that a clock set back revives no expired order or list. The floor comes from signed documents
 * alone: a local clock that once ran ahead leaves no mark.
 */
export class TrustedClock {
  readonly #local: () => number;
  #floor: number;

  /** @param floor Milliseconds since the epoch, as stored when the agent last ran. */
  constructor(local: () => number = Date.now, floor = 0) {
    this.#local = local;
    this.#floor = floor;
  }

  get floor(): number {
    return this.#floor;
  }

  /** Milliseconds since the epoch. Take it once for each decision. */
  now(): number {
    return flooredNow(this.#local(), this.#floor);
  }

  /**
   * Learns from a verified document. An `issued` ahead of the local clock counts only up to that
   * clock: otherwise an orderer could walk the floor forward, one allowed clock difference at a
   * time, until every document has expired.
   *
   * @returns whether the floor rose, and must be stored.
   */
  learn(issued: number): boolean {
    const reached = Math.min(issued, this.#local());
    if (!(reached > this.#floor)) return false;
    this.#floor = reached;
    return true;
  }
}
