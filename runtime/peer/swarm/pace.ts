/** A chunk is late that takes longer than is typical by this many typical differences. */
const DIFFERENCES = 4;
/** No chunk is late before this, and each is after that, milliseconds. */
const LEAST_LATE_MS = 1_000;
const MOST_LATE_MS = 8_000;
/** What the newest chunk counts for. */
const WEIGHT = 1 / 8;
const DIFFERENCE_WEIGHT = 1 / 4;

/**
 * How long chunks take, and which are late by that: on a busy machine all are slow and none is.
 *
 * @see RFC 6298, "The Basic Algorithm"
 */
export class Pace {
  #typicalMs = 0;
  #differenceMs = 0;

  /** A chunk came after so long, or has not come for so long. */
  took(ms: number): void {
    const difference = Math.abs(ms - this.#typicalMs);
    this.#differenceMs += (difference - this.#differenceMs) * DIFFERENCE_WEIGHT;
    this.#typicalMs += (ms - this.#typicalMs) * WEIGHT;
  }

  get lateMs(): number {
    const late = this.#typicalMs + DIFFERENCES * this.#differenceMs;
    return Math.min(MOST_LATE_MS, Math.max(LEAST_LATE_MS, late));
  }
}
