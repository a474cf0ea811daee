/** A cell says how it is ten times a second; one that is silent this long is stopped or flooded. */
const HEARTBEAT_TIMEOUT_MS = 3_000;
/** A timer of the agent that is later than this says nothing about a cell. */
const AGENT_LATE_MS = 500;

/** Notices that a cell with work to do has gone silent. */
export class Heartbeat {
  readonly #silent: (limitMs: number) => void;
  #last = 0;
  #working = false;
  #watching: ReturnType<typeof setTimeout> | undefined;

  /** @param silent Called once it has been silent for `limitMs`. */
  constructor(silent: (limitMs: number) => void) {
    this.#silent = silent;
  }

  beat(): void {
    this.#last = performance.now();
  }

  /** There is work from now on; nothing new where there was already. */
  start(): void {
    if (this.#working) return;
    this.#working = true;
    this.beat();
    // What is set for short work may be there still: setting it costs a good part of such work.
    if (this.#watching === undefined) this.#watch();
  }

  /** There is no work until it starts again. */
  rest(): void {
    this.#working = false;
  }

  /** There is no cell any more. */
  stop(): void {
    this.#working = false;
    clearTimeout(this.#watching);
    this.#watching = undefined;
  }

  #watch(): void {
    const armed = performance.now();
    const ms = HEARTBEAT_TIMEOUT_MS / 4;
    this.#watching = setTimeout(() => {
      this.#watching = undefined;
      if (!this.#working) return;
      const now = performance.now();
      // It was the agent that stood still: what the cell said meanwhile is not read yet.
      if (now - armed - ms >= AGENT_LATE_MS) this.#last = now;
      if (now - this.#last < HEARTBEAT_TIMEOUT_MS) return this.#watch();
      this.#silent(HEARTBEAT_TIMEOUT_MS);
    }, ms);
  }
}
