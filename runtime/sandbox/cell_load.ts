import type { Limits } from "../core/documents/grant.ts";
import type { Outcome } from "../core/outcome.ts";
import type { CellFigures } from "./cell_message.ts";
import { MEMORY_SLACK_BYTES } from "./meter.ts";
import { TokenBucket } from "../core/token_bucket.ts";

/**
 * What a cell uses as a whole, over all of its tasks and between them: as much processor time and
 * output as one run may have, in as much time as one run may take, again and again.
 */
export class CellLoad {
  /** What the cell was before any script was in it; absent until it has booted. */
  empty: CellFigures | undefined;
  /** Processor time by the last figures, milliseconds. */
  cpuMs = 0;
  readonly #limits: Limits;
  readonly #cpu: TokenBucket;
  readonly #output: TokenBucket;
  #rss = 0;
  #peakRss = 0;
  /** Memory after the first answer: what the script needs to be there at all. */
  #firstRss: number | undefined;

  constructor(limits: Limits) {
    const { cpuMs, outputBytes, wallMs } = limits;
    const now = performance.now();
    this.#limits = limits;
    this.#cpu = new TokenBucket(cpuMs, cpuMs / wallMs, now);
    this.#output = new TokenBucket(outputBytes, outputBytes / wallMs, now);
  }

  begin(empty: CellFigures): void {
    this.empty = empty;
    this.cpuMs = empty.cpuMs;
    this.#rss = this.#peakRss = empty.rssBytes;
  }

  /** Most memory over the empty cell's. */
  get peakBytes(): number {
    return Math.max(0, this.#peakRss - (this.empty?.rssBytes ?? 0));
  }

  /** Memory over what it was after the first answer, by the last figures. */
  get grownBytes(): number {
    return Math.max(0, this.#rss - (this.#firstRss ?? this.#rss));
  }

  /** A task was answered with these figures. */
  answered({ rssBytes }: CellFigures): void {
    this.#firstRss ??= rssBytes;
  }

  /**
   * @param charged A task is charged with what was used: it does not count here.
   * @returns The outcome that ends the cell, or nothing.
   */
  measure({ cpuMs, rssBytes }: CellFigures, charged: boolean): Outcome | undefined {
    const used = Math.max(0, cpuMs - this.cpuMs);
    this.cpuMs = Math.max(this.cpuMs, cpuMs);
    this.#rss = rssBytes;
    this.#peakRss = Math.max(this.#peakRss, rssBytes);
    if (charged) return undefined;
    const { cpuMs: limitMs, memoryBytes: limitBytes } = this.#limits;
    if (this.#cpu.take(used, performance.now()) > 0) return { outcome: "cpu", detail: { limitMs } };
    if (rssBytes - (this.empty?.rssBytes ?? 0) > limitBytes + MEMORY_SLACK_BYTES) {
      return { outcome: "memory", detail: { kind: "native", limitBytes } };
    }
    return undefined;
  }

  /** @returns The outcome that ends the cell, or nothing. */
  output(bytes: number): Outcome | undefined {
    if (this.#output.take(bytes, performance.now()) === 0) return undefined;
    return { outcome: "output", detail: { limitBytes: this.#limits.outputBytes } };
  }
}
