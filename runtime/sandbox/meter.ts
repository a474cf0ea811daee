import type { Limits } from "../core/documents/grant.ts";
import type { Figures, Outcome } from "../core/outcome.ts";
import type { CellFigures } from "./cell_message.ts";

/** A process may exceed the grant by this much before its figures alone end it: V8's young space. */
export const MEMORY_SLACK_BYTES = 32_000_000;

/**
 * Adds up what one run uses and says when a limit is passed. Each method that does returns the
 * outcome that ends the run, or nothing.
 */
export class Meter {
  readonly #limits: Limits;
  readonly #level: Figures["level"];
  readonly #shared: boolean;
  readonly #started = performance.now();
  #emptyRss = 0;
  #cpuBefore = 0;
  #cpuNow = 0;
  #peakRss = 0;
  #outputBytes = 0;
  #calls = 0;
  #callBytes = 0;

  /** @param shared Others run in the same cell, whose figures are those of all. */
  constructor(limits: Limits, level: Figures["level"], shared = false) {
    this.#limits = limits;
    this.#level = level;
    this.#shared = shared;
  }

  /**
   * @param emptyRss Memory of the cell before any script was in it, bytes.
   * @param cpuBefore Processor time the cell had used before this run, milliseconds.
   */
  begin(emptyRss: number, cpuBefore: number): void {
    this.#emptyRss = emptyRss;
    this.#cpuBefore = cpuBefore;
    this.#cpuNow = cpuBefore;
  }

  /** Takes figures down, without a verdict. */
  note({ cpuMs, rssBytes }: CellFigures): void {
    this.#cpuNow = cpuMs;
    this.#peakRss = Math.max(this.#peakRss, rssBytes);
  }

  measure(figures: CellFigures): Outcome | undefined {
    this.note(figures);
    const { cpuMs, memoryBytes } = this.#limits;
    if (this.cpuMs > cpuMs) return { outcome: "cpu", detail: { limitMs: cpuMs } };
    if (this.peakBytes > memoryBytes + MEMORY_SLACK_BYTES) {
      return { outcome: "memory", detail: { kind: "native", limitBytes: memoryBytes } };
    }
    return undefined;
  }

  output(bytes: number): Outcome | undefined {
    this.#outputBytes += bytes;
    return this.#outputBytes > this.#limits.outputBytes ? this.outputVerdict : undefined;
  }

  /** @param bytes That went with it or with its answer. */
  call(calls: number, bytes: number): void {
    this.#calls += calls;
    this.#callBytes += bytes;
  }

  get outputVerdict(): Outcome {
    return { outcome: "output", detail: { limitBytes: this.#limits.outputBytes } };
  }

  get cpuMs(): number {
    return Math.max(0, this.#cpuNow - this.#cpuBefore);
  }

  get peakBytes(): number {
    return Math.max(0, this.#peakRss - this.#emptyRss);
  }

  figures(): Figures {
    return {
      cpuMs: Math.round(this.cpuMs * 10) / 10,
      wallMs: Math.round((performance.now() - this.#started) * 10) / 10,
      peakBytes: this.peakBytes,
      outputBytes: this.#outputBytes,
      level: this.#level,
      ...(this.#calls > 0 ? { calls: this.#calls, callBytes: this.#callBytes } : {}),
      ...(this.#shared ? { shared: true } : {}),
    };
  }
}
