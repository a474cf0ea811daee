/** What a {@linkcode SteadyClock} goes by. */
export interface SteadyClockOptions {
  /** The local clock, milliseconds since the epoch, which somebody may set. */
  now(): number;
  /** Milliseconds since whenever, by a clock that nobody sets. */
  uptime(): number;
}

/** A clock is followed that goes ahead by no more than this from one look to the next. */
const FOLLOWED_MS = 60_000;
/** One that has jumped ahead is believed when it has stood so for this long. */
const BELIEVED_MS = 3_600_000;

/**
 * The time by which that is done which cannot be undone: what is over is ended, what is old removed,
 * a ring of a rollout passed. A jump ahead that is corrected within an hour never was. One back is
 * followed at once, as it ends nothing.
 */
export class SteadyClock {
  readonly #options: SteadyClockOptions;
  readonly #begun: number;
  /** What the local clock was ahead of the other one when it was believed last. */
  #ahead: number;
  #jumped: number | undefined;

  constructor(options: SteadyClockOptions) {
    this.#options = options;
    this.#begun = options.uptime();
    this.#ahead = options.now() - this.#begun;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    const uptime = this.uptime();
    const ahead = this.#options.now() - uptime;
    const hasJumped = ahead > this.#ahead + FOLLOWED_MS;
    this.#jumped = hasJumped ? this.#jumped ?? uptime : undefined;
    if (this.#jumped === undefined || uptime - this.#jumped >= BELIEVED_MS) {
      this.#ahead = ahead;
      this.#jumped = undefined;
    }
    return uptime + this.#ahead;
  }

  uptime(): number {
    return this.#options.uptime();
  }

  /** Whether an hour has passed since it began, in which a clock that was wrong then was set. */
  get isSettled(): boolean {
    return this.uptime() - this.#begun >= BELIEVED_MS;
  }
}
