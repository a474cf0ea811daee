/** Work on the same thing, one after another. */
export class InTurn<Key> {
  readonly #last = new Map<Key, Promise<void>>();

  /** Does `work` once all before it on the same thing is over, however that ended. */
  alone<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
    const after = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const settled = after.then(() => {}, () => {});
    this.#last.set(key, settled);
    void settled.then(() => this.#last.get(key) === settled && this.#last.delete(key));
    return after;
  }
}
