import type { Limits } from "../../core/documents/grant.ts";
import type { KeptCell } from "./runner.ts";

/** When a warm cell has served its time. */
export const WARM_LIMITS = {
  /** Calls in one cell. */
  USES: 100,
  /** Without a call. */
  IDLE_MS: 60_000,
  /** Of the memory that a script may use, by which its cell may have grown. */
  GROWTH: 0.5,
} as const;

/** A warm cell for one call. */
export interface WarmLease<Cell extends KeptCell> {
  readonly cell: Cell;
  /** Gives the cell back; call once it has answered. */
  release(): void;
}

interface WarmCell<Cell extends KeptCell> {
  readonly cell: Cell;
  uses: number;
  idle: ReturnType<typeof setTimeout> | undefined;
}

/** The warm cells of one module under one grant: each serves one call after another. */
export class WarmCells<Cell extends KeptCell> {
  readonly #start: () => Promise<Cell>;
  readonly #limits: Pick<Limits, "memoryBytes" | "runs">;
  /** Those who wait for a cell, first come first served. */
  readonly #waiting: (() => void)[] = [];
  #working = 0;
  readonly #free: WarmCell<Cell>[] = [];
  #retired = false;

  constructor(start: () => Promise<Cell>, limits: Pick<Limits, "memoryBytes" | "runs">) {
    this.#start = start;
    this.#limits = limits;
  }

  /** Takes the cell that was used last, or starts one; waits where all that may be are working. */
  async take(): Promise<WarmLease<Cell>> {
    if (this.#working >= this.#limits.runs) {
      // Who releases leaves the place to who waits.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#working++;
    try {
      const warm = this.#freeCell() ?? { cell: await this.#start(), uses: 0, idle: undefined };
      warm.uses++;
      return { cell: warm.cell, release: () => this.#release(warm) };
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  /** Ends what waits, and what works once it is done. */
  retire(): void {
    this.#retired = true;
    for (const warm of this.#free.splice(0)) end(warm);
  }

  #freeCell(): WarmCell<Cell> | undefined {
    for (let warm; (warm = this.#free.pop());) {
      clearTimeout(warm.idle);
      if (warm.cell.alive) return warm;
    }
    return undefined;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#working--;
  }

  #release(warm: WarmCell<Cell>): void {
    const { cell, uses } = warm;
    const spent = uses >= WARM_LIMITS.USES ||
      cell.grownBytes > this.#limits.memoryBytes * WARM_LIMITS.GROWTH;
    if (this.#retired || spent || !cell.alive) end(warm);
    else this.#keep(warm);
    this.#leave();
  }

  #keep(warm: WarmCell<Cell>): void {
    warm.idle = setTimeout(() => {
      this.#free.splice(this.#free.indexOf(warm), 1);
      end(warm);
    }, WARM_LIMITS.IDLE_MS);
    Deno.unrefTimer(warm.idle);
    this.#free.push(warm);
  }
}

function end({ cell, idle }: WarmCell<KeptCell>): void {
  clearTimeout(idle);
  cell.close();
}
