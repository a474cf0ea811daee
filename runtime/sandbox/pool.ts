import type { Cell } from "./cell.ts";
import type { SpawnVector } from "./spawn_vector.ts";

/** Grants that keep cells ready; the one used longest ago gives way. */
const MAX_VECTORS = 4;

/**
 * Booted cells with nothing in them, kept by the whole spawn vector: a cell is only ever taken for
 * exactly the rights it was started with, and never comes back.
 */
export class CellPool {
  readonly #size: number;
  readonly #spawn: (vector: SpawnVector) => Cell;
  /** Least recently used first. */
  readonly #ready = new Map<string, { vector: SpawnVector; cells: Cell[] }>();
  #closed = false;

  /**
   * @param size Cells kept for each vector, 0 for none.
   * @param spawn Starts an empty cell.
   */
  constructor(size: number, spawn: (vector: SpawnVector) => Cell) {
    this.#size = size;
    this.#spawn = spawn;
  }

  /** An empty cell of this vector: a waiting one, or a new one. */
  take(vector: SpawnVector): Cell {
    const entry = this.#use(vector);
    let cell = entry?.cells.shift();
    while (cell?.ended) cell = entry?.cells.shift();
    return cell ?? this.#spawn(vector);
  }

  /** Starts cells until every vector has its number. Meant for a quiet moment: a boot takes a core. */
  refill(): void {
    if (this.#closed) return;
    for (const { vector, cells } of this.#ready.values()) {
      while (cells.length < this.#size) cells.push(this.#spawn(vector));
    }
  }

  /** Like {@linkcode refill} for one vector, resolved when its cells have booted. */
  async fill(vector: SpawnVector): Promise<void> {
    const entry = this.#use(vector);
    this.refill();
    await Promise.all(entry?.cells.map((cell) => cell.settled) ?? []);
  }

  close(): void {
    this.#closed = true;
    this.#ready.clear();
  }

  #use(vector: SpawnVector): { vector: SpawnVector; cells: Cell[] } | undefined {
    if (this.#size === 0) return undefined;
    const entry = this.#ready.get(vector.key) ?? { vector, cells: [] };
    this.#ready.delete(vector.key);
    this.#ready.set(vector.key, entry);
    for (const [key, { cells }] of this.#ready) {
      if (this.#ready.size <= MAX_VECTORS) break;
      for (const cell of cells) cell.kill();
      this.#ready.delete(key);
    }
    return entry;
  }
}
