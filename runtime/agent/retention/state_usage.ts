import { AGENT_LIMITS } from "../limits.ts";
import type { Store } from "../store/store.ts";

/** Bytes of a state folder, by what lies directly in it. */
export type StateParts = Readonly<Record<string, number>>;

/**
 * Knows how much the state folder holds: walked now and then, with what the database grew by
 * since. Space that the database could use again counts as free.
 */
export class StateUsage {
  readonly #folder: string;
  readonly #store: Store;
  #parts: StateParts = {};
  #content = 0;
  #database = 0;
  #lookedAt = -Infinity;

  constructor(folder: string, store: Store) {
    this.#folder = folder;
    this.#store = store;
  }

  /** What the last walk found. */
  get parts(): StateParts {
    return this.#parts;
  }

  /** All of it, in bytes. */
  get total(): number {
    const now = performance.now();
    if (now - this.#lookedAt > AGENT_LIMITS.USAGE_FRESH_MS) {
      this.#lookedAt = now;
      this.#database = usedByDatabase(this.#store);
    }
    return this.#content + this.#database;
  }

  /** Content was stored (or removed, when negative). */
  grow(bytes: number): void {
    this.#content += bytes;
  }

  /** Walks the folder. */
  async measure(): Promise<void> {
    const parts: Record<string, number> = {};
    for await (const { name, isDirectory } of Deno.readDir(this.#folder)) {
      const part = name.startsWith("agent.db") ? "database" : name;
      const path = `${this.#folder}/${name}`;
      parts[part] = (parts[part] ?? 0) + (isDirectory ? await sizeOf(path) : await fileSize(path));
    }
    this.#parts = parts;
    this.#content = Object.entries(parts)
      .reduce((sum, [part, bytes]) => part === "database" ? sum : sum + bytes, 0);
    this.#lookedAt = -Infinity;
  }
}

function usedByDatabase(store: Store): number {
  const value = (pragma: string) => Number(Object.values(store.sql(`PRAGMA ${pragma}`).get()!)[0]);
  return (value("page_count") - value("freelist_count")) * value("page_size");
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const path = `${folder}/${name}`;
      bytes += isDirectory ? await sizeOf(path) : await fileSize(path);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return bytes;
}

/** 0 for a file that has just gone. */
async function fileSize(path: string): Promise<number> {
  return await Deno.lstat(path).then(({ size }) => size, () => 0);
}
