/** A chunk is late that is under way this much longer than chunks take here. */
const TIMES_TYPICAL = 4;
/** No chunk is late before this, and each is after that, milliseconds. */
const LEAST_LATE_MS = 1_000;
const MOST_LATE_MS = 8_000;
/** What the newest chunk counts for. */
const WEIGHT = 0.2;

/** How long chunks take, and which are late by that: on a busy machine all are slow and none is. */
export class Pace {
  #typicalMs = 0;

  /** A chunk came after so long. */
  took(ms: number): void {
    this.#typicalMs += (ms - this.#typicalMs) * WEIGHT;
  }

  get lateMs(): number {
    return Math.min(MOST_LATE_MS, Math.max(LEAST_LATE_MS, this.#typicalMs * TIMES_TYPICAL));
  }
}
