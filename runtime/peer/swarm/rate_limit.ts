import { wait } from "../../core/wait.ts";

/**
 * A bucket of bytes that fills at a steady rate: who takes more than there is waits until it would
 * be there. Takers are served in their order.
 */
export class RateLimit {
  readonly #bytesPerSecond: () => number;
  readonly #now: () => number;
  /** When all that was promised so far will have flowed. */
  #freeAt = 0;

  /**
   * @param bytesPerSecond `Infinity`: no limit. A function: asked each time, as it may change.
   * @param now Milliseconds, of a clock that does not jump.
   */
  constructor(
    bytesPerSecond: number | (() => number),
    now: () => number = () => performance.now(),
  ) {
    this.#bytesPerSecond = typeof bytesPerSecond === "number"
      ? () => bytesPerSecond
      : bytesPerSecond;
    this.#now = now;
  }

  /**
   * Resolves when `bytes` may flow.
   *
   * @throws whatever `signal` was aborted with, while waiting
   */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const bytesPerSecond = this.#bytesPerSecond();
    if (bytesPerSecond === Infinity) return;
    const now = this.#now();
    const at = Math.max(now, this.#freeAt);
    this.#freeAt = at + bytes / bytesPerSecond * 1000;
    if (at > now) await wait(at - now, signal);
  }
}
