import { UserError } from "./errors.ts";

/** Lets some through at a time, some wait, and turns the rest away. */
export class Turnstile {
  readonly #places: number;
  readonly #seats: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  /** @param places How many at a time. @param seats How many may wait. */
  constructor(places: number, seats: number) {
    this.#places = places;
    this.#seats = seats;
  }

  /** @throws {UserError} too_many_attempts – no place and no seat is left. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#places) this.#inside++;
    else await this.#wait();
    try {
      return await work();
    } finally {
      // Whoever waits takes over the place.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#inside--;
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= this.#seats) {
      const message = "Cannot check a password as too many others are";
      throw new UserError("too_many_attempts", message, { waitSeconds: 1 });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
