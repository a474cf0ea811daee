/** Texts of SQL that are kept ready: more than there are, but for what callers put together. */
export const STATEMENTS = 500;

/** What was used last of something that can be made again, and no more than so much of it. */
export class Recent<T> {
  readonly #most: number;
  readonly #kept = new Map<string, T>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** What is kept under a name, or what is made now. */
  get(name: string, make: () => T): T {
    const found = this.#kept.get(name) ?? make();
    this.#kept.delete(name);
    this.#kept.set(name, found);
    if (this.#kept.size > this.#most) this.#kept.delete(this.#kept.keys().next().value!);
    return found;
  }
}
