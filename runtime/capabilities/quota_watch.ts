import { misuseOf } from "./folder_use.ts";

/** How long after a look the next one is, milliseconds. */
const LEAST_PAUSE_MS = 250;
const MOST_PAUSE_MS = 10_000;
/** How many times as long as a look the pause after it is: a look takes 2 % of a core. */
const PAUSE_FACTOR = 50;

/** Looks at a directory again and again until it is misused, or nobody wants to know. */
export class QuotaWatch {
  readonly #path: string;
  readonly #quotaBytes: number;
  readonly #full = new AbortController();
  readonly #stopped = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #look: Promise<void> | undefined;

  constructor(path: string, quotaBytes: number) {
    this.#path = path;
    this.#quotaBytes = quotaBytes;
    this.#later(LEAST_PAUSE_MS);
  }

  /** Aborted when the directory is misused, with the reason in words. */
  get full(): AbortSignal {
    return this.#full.signal;
  }

  /** Resolves when it looks no more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    await this.#look;
  }

  #later(ms: number): void {
    if (this.#stopped.signal.aborted) return;
    this.#timer = setTimeout(() => this.#look = this.#measure(), ms);
  }

  async #measure(): Promise<void> {
    const begun = performance.now();
    const stopped = this.#stopped.signal;
    const misuse = await misuseOf(this.#path, this.#quotaBytes, stopped);
    if (stopped.aborted) return;
    if (misuse) return this.#full.abort(`its directory ${misuse}`);
    this.#later(pauseAfter(performance.now() - begun));
  }
}

/** How long to look away after a look of `ms`. */
export function pauseAfter(ms: number): number {
  return Math.min(MOST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, PAUSE_FACTOR * ms));
}
