import { LayoutError } from "./syntax.ts";

/** The most that is made of one document, however often it points to the same part of itself. */
const MADE_BYTES = 64_000_000;

/** What may still be made of one document. */
export class Room {
  #bytes = MADE_BYTES;

  /**
   * @param bytes Not negative.
   * @throws {LayoutError} when it is too much
   */
  spend(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes < 0) throw new LayoutError("too much would be made of it");
  }
}
