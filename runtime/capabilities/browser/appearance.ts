import { type Onlooker, Onlookers } from "./onlookers.ts";
import type { Looks } from "./page/source.ts";
import type { Places } from "./places.ts";

/** How the pages of a session look: the sign on them, and whether what is unseen is covered. */
export class Appearance {
  readonly #places: Places;
  readonly #onlookers = new Onlookers();
  #looks: Looks = { sign: "", boxed: false };

  constructor(places: Places) {
    this.#places = places;
  }

  get looks(): Looks {
    return this.#looks;
  }

  /** @param looks What of them changes. */
  async change(looks: Partial<Looks>): Promise<void> {
    this.#looks = { ...this.#looks, ...looks };
    await Promise.all(this.#places.pages.map(({ tab }) => tab.look(this.#looks)));
  }

  /** Covers what is unseen for as long as somebody takes pictures. */
  async box(who: Onlooker, on: boolean): Promise<void> {
    this.#onlookers.set(who, on);
    if (this.#looks.boxed !== this.#onlookers.areThere) {
      await this.change({ boxed: !this.#looks.boxed });
    }
  }

  /** Another page is looked at, or the same in another browser. */
  moved(): void {
    this.#onlookers.moved();
  }
}
