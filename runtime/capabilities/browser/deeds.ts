/** More of them than are told while something is on its way to the page. */
const MOST = 200;

/** What the person did in a page by writing or going elsewhere in it, by the number it was told with. */
export class Deeds {
  #told: { n: number; document: string; count: number }[] = [];

  /** @param count How many there were in this document with this one. */
  note(n: number, document: string, count: number): void {
    this.#told = [...this.#told.slice(1 - MOST), { n, document, count }];
  }

  /** How many of a document somebody knows of who has heard all up to `n`. */
  knownAt(n: number, document: string): number {
    return this.#told.findLast((one) => one.n <= n && one.document === document)?.count ?? 0;
  }
}
