import type { KeptCell } from "./runner.ts";

/** How soon a live cell that broke comes back. */
export const LIVE_LIMITS = {
  /** The first wait, doubled with each break; the wait itself is drawn between nothing and that. */
  FIRST_BACK_OFF_MS: 100,
  LONGEST_BACK_OFF_MS: 30_000,
  /** A cell that held this long had no part in the break. */
  SOUND_MS: 60_000,
  /** What is under way in a cell that is replaced may go on for so long. */
  DRAIN_MS: 60_000,
} as const;

/** What {@linkcode LiveCell} works with, besides how to start one. */
export interface LiveCellOptions {
  /** Milliseconds; default: `performance.now`. */
  now?(): number;
  /** From 0 to 1; default: `Math.random`. */
  random?(): number;
}

/** A live cell is breaking again and again, and its next start is not due yet. */
export class StartsLater extends Error {
  override readonly name = "StartsLater";
}

/**
 * The one live cell of a module under one grant. It is started when it is first needed, and after
 * a break not before a time drawn at random, so that what breaks at each start does not keep the
 * machine busy.
 */
export class LiveCell<Cell extends KeptCell> {
  readonly #start: () => Promise<Cell>;
  readonly #now: () => number;
  readonly #random: () => number;
  #cell: Promise<Cell> | undefined;
  #breaks = 0;
  #notBefore = -Infinity;
  #underWay = 0;
  #retired = false;
  #drain: ReturnType<typeof setTimeout> | undefined;

  constructor(start: () => Promise<Cell>, options: LiveCellOptions = {}) {
    this.#start = start;
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
  }

  /**
   * Does something in the cell. The cell is not replaced while it does.
   *
   * @param patienceMs How long to wait for a start that is not due yet.
   * @throws {StartsLater} – it is not due within that
   */
  async use<T>(
    work: (cell: Cell) => Promise<{ result: T; done: Promise<unknown> }>,
    patienceMs: number,
  ): Promise<T> {
    const wait = this.#cell ? 0 : this.#notBefore - this.#now();
    if (wait > patienceMs) throw new StartsLater("Cannot start the live cell already again");
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    this.#underWay++;
    const leave = () => {
      this.#underWay--;
      if (this.#retired && this.#underWay === 0) this.close();
    };
    try {
      const { result, done } = await work(await this.#running());
      done.finally(leave);
      return result;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Lets what is under way end, within bounds; then the cell ends. */
  retire(): void {
    this.#retired = true;
    if (this.#underWay === 0) return this.close();
    this.#drain ??= setTimeout(() => this.close(), LIVE_LIMITS.DRAIN_MS);
    Deno.unrefTimer(this.#drain);
  }

  /** Ends the cell and all that is under way in it. */
  close(): void {
    clearTimeout(this.#drain);
    const cell = this.#cell;
    this.#cell = undefined;
    cell?.then((started) => started.close(), () => {});
  }

  #running(): Promise<Cell> {
    if (this.#cell) return this.#cell;
    const began = this.#now();
    const starting: Promise<Cell> = this.#start();
    this.#cell = starting;
    const broke = () => {
      // One that was told to end did not break.
      if (this.#cell !== starting) return;
      this.#cell = undefined;
      this.#breaks = this.#now() - began >= LIVE_LIMITS.SOUND_MS ? 1 : this.#breaks + 1;
      const { FIRST_BACK_OFF_MS, LONGEST_BACK_OFF_MS } = LIVE_LIMITS;
      const longest = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (this.#breaks - 1));
      this.#notBefore = this.#now() + longest * this.#random();
    };
    starting.then(({ ended }) => ended?.then(broke), broke);
    return starting;
  }
}
