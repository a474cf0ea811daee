import type { Store } from "writ";

const KEY = "reserve";
/** Some hundred changes of jobs, of which each that ends frees more. */
const BYTES = 60_000;

/**
 * What the store keeps free for jobs that are there: one that is full of new ones could bring none of
 * them to an end, not even by cancelling it.
 */
export class Reserve {
  #kept = false;

  /** Puts it aside, if there is room. */
  async keep(store: Store): Promise<void> {
    if (this.#kept) return;
    try {
      await store.set(KEY, "x".repeat(BYTES));
      this.#kept = true;
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  /** @returns whether anything had been put aside */
  async spend(store: Store): Promise<boolean> {
    this.#kept = false;
    return await store.delete(KEY);
  }
}

/** Whether a store, or a shelf of documents, has no room for what was written. */
export function isFull(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "quota";
}
