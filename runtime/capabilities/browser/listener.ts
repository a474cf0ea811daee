import { Bell } from "./bell.ts";

/** What one listener may have waiting. */
const MAX_EVENTS = 2_000;
const MAX_BYTES = 8_000_000;

/** Who follows a session, with what it has not taken yet. Who is too slow is told so, and no more. */
export class Listener {
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #lost = false;
  /** Whether the first that waits is the rest of one that was begun. */
  #cut = false;
  #over = false;
  readonly #bell = new Bell();
  readonly #encoder = new TextEncoder();

  push(event: string): void {
    if (this.#over) return;
    const line = this.#encoder.encode(`${event}\n`);
    this.#waiting.push(line);
    this.#bytes += line.length;
    if (this.#waiting.length > MAX_EVENTS || this.#bytes > MAX_BYTES) {
      this.#waiting = this.#cut ? this.#waiting.slice(0, 1) : [];
      this.#bytes = this.#waiting[0]?.length ?? 0;
      this.#lost = true;
    }
    this.#bell.ring();
  }

  /** No more events come. */
  end(): void {
    this.#over = true;
    this.#bell.ring();
  }

  /**
   * What has come, as lines of JSON, as soon as there is something.
   *
   * @param most Bytes; what is longer comes in pieces.
   * @param lost What a listener that was too slow is told.
   * @returns nothing when the session is over
   */
  async next(
    most: number,
    signal: AbortSignal,
    lost: () => string,
  ): Promise<Uint8Array | undefined> {
    while (this.#waiting.length === 0 && !this.#lost) {
      if (this.#over || signal.aborted) return undefined;
      await this.#bell.rung(signal);
    }
    if (this.#lost) {
      this.#lost = false;
      const line = this.#encoder.encode(`${lost()}\n`);
      this.#waiting.splice(this.#cut ? 1 : 0, 0, line);
      this.#bytes += line.length;
    }
    const piece = new Uint8Array(Math.min(most, this.#bytes));
    for (let filled = 0; filled < piece.length;) {
      const line = this.#waiting[0]!;
      const part = line.subarray(0, piece.length - filled);
      piece.set(part, filled);
      filled += part.length;
      this.#cut = part.length < line.length;
      if (!this.#cut) this.#waiting.shift();
      else this.#waiting[0] = line.subarray(part.length);
    }
    this.#bytes -= piece.length;
    return piece;
  }
}
