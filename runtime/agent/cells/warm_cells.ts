import type { KeptCell } from "../runs/runner.ts";

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
  readonly #memoryBytes: number;
  readonly #free: WarmCell<Cell>[] = [];
  #retired = false;

  constructor(start: () => Promise<Cell>, memoryBytes: number) {
    this.#start = start;
    this.#memoryBytes = memoryBytes;
  }

  /** Takes the cell that was used last, or starts one. */
  async take(): Promise<WarmLease<Cell>> {
    const warm = this.#freeCell() ?? { cell: await this.#start(), uses: 0, idle: undefined };
    warm.uses++;
    return { cell: warm.cell, release: () => this.#release(warm) };
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

  #release(warm: WarmCell<Cell>): void {
    const { cell, uses } = warm;
    const spent = uses >= WARM_LIMITS.USES ||
      cell.grownBytes > this.#memoryBytes * WARM_LIMITS.GROWTH;
    if (this.#retired || spent || !cell.alive) return end(warm);
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
