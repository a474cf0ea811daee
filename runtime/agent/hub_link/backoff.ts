/** The longest wait that a hub can ask for. */
const MOST_MS = 5 * 60_000;
/** The longest wait otherwise: a hub that comes back has its agents within half a minute. */
const USUAL_MS = 15_000;
/** The longest wait where the hub wants none of this agent: it will hardly change its mind. */
const REFUSED_MS = 10 * 60_000;
/** The least and the longest wait where the hub was there and had too much to do. */
const BUSY_LEAST_MS = 2_000;
const BUSY_MS = 60_000;
/** What the first wait is at most, where no hub has said anything. */
const FIRST_MS = 1_000;

/**
 * How long to wait before the next connection: anything up to a bound that doubles, so that agents
 * which lost their hub together do not come back together.
 *
 * @see "Exponential Backoff And Jitter" (AWS Architecture Blog), "Full Jitter"
 */
export class Backoff {
  readonly #random: () => number;
  #attempt = 0;
  #spreadMs = FIRST_MS;
  #isRefused = false;
  #isBusy = false;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** A connection stood; the hub said within what time agents are to come back. */
  succeeded(spreadMs: number): void {
    this.#attempt = 0;
    this.#isRefused = false;
    this.#spreadMs = Math.min(Math.max(spreadMs, FIRST_MS), MOST_MS);
  }

  /** The hub was there, and wants no connection of this agent any more. */
  refused(): void {
    this.#isRefused = true;
  }

  /** The hub was there, and asked for patience: the next wait is a longer one. */
  busy(): void {
    this.#isBusy = true;
  }

  /** Milliseconds. */
  next(): number {
    if (this.#isRefused) return REFUSED_MS * (1 + this.#random()) / 2;
    const least = this.#isBusy ? BUSY_LEAST_MS : 0;
    const most = Math.max(this.#isBusy ? BUSY_MS : USUAL_MS, this.#spreadMs);
    this.#isBusy = false;
    const bound = Math.min(most, this.#spreadMs * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 30);
    return least + this.#random() * bound;
  }
}
