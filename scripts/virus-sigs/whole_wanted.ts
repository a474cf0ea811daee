import type { Store } from "writ";

const PREFIX = "whole/";

/**
 * Databases that must be had as a whole although increments would do: the scanner could not use
 * those, or somebody asked this mirror for all of it. Until then their headers are enough.
 */
export class WholeWanted {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async has(database: string): Promise<boolean> {
    return await this.#store.get(PREFIX + database) !== undefined;
  }

  async add(database: string): Promise<void> {
    await this.#store.set(PREFIX + database, true);
  }

  async remove(database: string): Promise<void> {
    await this.#store.delete(PREFIX + database);
  }
}
