import { CapabilityError } from "../../sandbox/mod.ts";
import type { OpenPage } from "./pages.ts";
import type { Place } from "./place.ts";

/** The places of a session by their numbers. */
export class Places {
  readonly #all = new Map<number, Place>();
  readonly #hasPerson: boolean;
  #newest = 0;
  #active = 0;

  /** @param hasPerson Whether somebody sits before the browser, and may turn to another one. */
  constructor(hasPerson: boolean) {
    this.#hasPerson = hasPerson;
  }

  /** The number of the one that is looked at. */
  get active(): number {
    return this.#active;
  }

  /**
   * Has one looked at. Pages keep the focus though nobody sees them, so as to take what is done in
   * them. Where there is a person only this one does: of the others Chromium can tell who is in sight.
   *
   * @param isThere Whether the person is there for certain; if not, they may be at another one.
   */
  lookAt(number: number, isThere = false): void {
    this.#active = number;
    for (const [at, { page }] of this.#all) {
      const keeps = !this.#hasPerson || at === number;
      const done = page?.tab.keepFocus(keeps).then(async () => {
        if (!keeps && !isThere) await page.tab.lookForPerson();
      });
      // One that is gone has nobody before it.
      done?.catch(() => {});
    }
  }

  /** @returns its number, which no other one has had */
  add(place: Place): number {
    this.#all.set(++this.#newest, place);
    return this.#newest;
  }

  delete(number: number): void {
    this.#all.delete(number);
  }

  clear(): void {
    this.#all.clear();
  }

  get(number: number): Place | undefined {
    return this.#all.get(number);
  }

  /** @throws {CapabilityError} not_found – there is none */
  require(number: number): Place {
    const place = this.#all.get(number);
    if (place) return place;
    throw new CapabilityError("not_found", `Cannot do this as there is no page ${number}`);
  }

  get entries(): readonly (readonly [number, Place])[] {
    return [...this.#all];
  }

  /** Those of Chromium's that they are in. */
  get pages(): readonly OpenPage[] {
    return [...this.#all.values()].flatMap(({ page }) => page ?? []);
  }

  /** The number of the one that came last. */
  get last(): number | undefined {
    return [...this.#all.keys()].at(-1);
  }

  /** The number of the one that is in a page of Chromium's. */
  numberOf(target: string): number | undefined {
    return this.entries.find(([, { page }]) => page?.target === target)?.[0];
  }
}
