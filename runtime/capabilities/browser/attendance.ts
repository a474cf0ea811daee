/** How long something stays when nobody uses it. */
const UNUSED_MS = 60_000;

/** Who uses something, run by run and request by request; it is closed when nobody has for a while. */
export class Attendance {
  readonly #close: () => void;
  readonly #unusedMs: number;
  readonly #users = new Set<AbortSignal>();
  #unused: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  constructor(close: () => void, unusedMs: number = UNUSED_MS) {
    this.#close = close;
    this.#unusedMs = unusedMs;
    this.#waitForUsers();
  }

  /** @param signal Of the run or request: aborted when that is over. */
  add(signal: AbortSignal): void {
    if (this.#users.has(signal) || signal.aborted) return;
    clearTimeout(this.#unused);
    this.#users.add(signal);
    signal.addEventListener("abort", () => {
      this.#users.delete(signal);
      this.#waitForUsers();
    }, { once: true });
  }

  #waitForUsers(): void {
    if (this.#users.size > 0 || this.#over) return;
    this.#unused = setTimeout(this.#close, this.#unusedMs);
  }

  /** It was closed for another reason. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#unused);
  }
}
