/** Who takes pictures of the page that is looked at. */
export interface Onlooker {
  /** It is another one now, or the same in another browser. */
  moved(): void;
}

/** All who take pictures of a session. */
export class Onlookers {
  readonly #all = new Set<Onlooker>();

  get areThere(): boolean {
    return this.#all.size > 0;
  }

  /** @param on Whether it takes pictures from now on, or no more. */
  set(who: Onlooker, on: boolean): void {
    if (on) this.#all.add(who);
    else this.#all.delete(who);
  }

  moved(): void {
    for (const who of this.#all) who.moved();
  }
}
