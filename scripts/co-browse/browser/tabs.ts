import { CAUSE_MS, NavigationGate } from "./navigation_gate.ts";

/** The pages of a browser, and which of them is looked at. */
export interface TabList {
  readonly active: number;
  readonly tabs: readonly { readonly tab: number; readonly url: string }[];
}

interface Page {
  readonly gate: NavigationGate;
  url: string;
}

/** The first page of every session. */
const FIRST = 1;

/** What pages a browser has, by what it tells of them. */
export class Tabs {
  readonly #pages = new Map<number, Page>([[FIRST, { gate: new NavigationGate(), url: "" }]]);
  #active = FIRST;
  #causedAt = -Infinity;

  get list(): TabList {
    const tabs = [...this.#pages].map(([tab, { url }]) => ({ tab, url }));
    return { active: this.#active, tabs };
  }

  get active(): number {
    return this.#active;
  }

  /** @param tab The page that is looked at, where it is left out. */
  url(tab: number = this.#active): string {
    return this.#pages.get(tab)?.url ?? "";
  }

  /** @returns nothing where there is no such page */
  gate(tab: number = this.#active): NavigationGate | undefined {
    return this.#pages.get(tab)?.gate;
  }

  /** A page that opens is looked at from then on. */
  opened(tab: number, url: string): void {
    const gate = new NavigationGate();
    // What opened it leads it somewhere, too.
    gate.caused(this.#causedAt);
    this.#pages.set(tab, { gate, url });
    this.#active = tab;
  }

  closed(tab: number): void {
    this.#pages.delete(tab);
  }

  looksAt(tab: number): void {
    if (this.#pages.has(tab)) this.#active = tab;
  }

  arrived(tab: number, url: string, now: number): void {
    const page = this.#pages.get(tab);
    if (!page) return;
    page.url = url;
    page.gate.arrived(url, now);
  }

  /** Whether something was done a moment ago. */
  mayOpen(now: number): boolean {
    return now - this.#causedAt < CAUSE_MS;
  }

  /** Something was done that may lead a page elsewhere, or open another. */
  caused(tab: number | undefined, now: number): void {
    this.#causedAt = now;
    this.gate(tab)?.caused(now);
  }
}
