/** A cell says how it is ten times a second; one that is silent this long is stopped or flooded. */
const HEARTBEAT_TIMEOUT_MS = 3_000;
/** A timer of the agent that is later than this says nothing about a cell. */
const AGENT_LATE_MS = 500;

/** Notices that a cell with work to do has gone silent. */
export class Heartbeat {
  readonly #silent: (limitMs: number) => void;
  #last = 0;
  #watching: ReturnType<typeof setTimeout> | undefined;

  /** @param silent Called once it has been silent for `limitMs`. */
  constructor(silent: (limitMs: number) => void) {
    this.#silent = silent;
  }

  beat(): void {
    this.#last = performance.now();
  }

  /** Watches from now on; nothing new where it does already. */
  start(): void {
    if (this.#watching !== undefined) return;
    this.beat();
    this.#watch();
  }

  stop(): void {
    clearTimeout(this.#watching);
    this.#watching = undefined;
  }

  #watch(): void {
    const armed = performance.now();
    const ms = HEARTBEAT_TIMEOUT_MS / 4;
    this.#watching = setTimeout(() => {
      const now = performance.now();
      // It was the agent that stood still: what the cell said meanwhile is not read yet.
      if (now - armed - ms >= AGENT_LATE_MS) this.#last = now;
      if (now - this.#last < HEARTBEAT_TIMEOUT_MS) return this.#watch();
      this.#watching = undefined;
      this.#silent(HEARTBEAT_TIMEOUT_MS);
    }, ms);
  }
}
