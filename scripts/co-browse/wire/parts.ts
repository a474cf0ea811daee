import { WIRE_LIMITS } from "./limits.ts";

/** The first character of a part, and of the last one. JSON begins with neither. */
const MORE = "+";
const LAST = ".";
/** Said in place of a part: the rest of what was begun does not come. */
export const BROKEN_OFF = "!";

/** A text, which may be in pieces of any length, as messages that a socket takes. */
export function* toParts(
  pieces: readonly string[],
  size: number = WIRE_LIMITS.PART_CHARS,
): Generator<string> {
  const whole = pieces.reduce((sum, { length }) => sum + length, 0);
  if (whole <= size) return yield LAST + pieces.join("");
  let left = whole;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const end = wholeEnd(piece, at + size);
      const part = piece.slice(at, end);
      left -= part.length;
      yield (left > 0 ? MORE : LAST) + part;
      at = end;
    }
  }
}

/** Whether more of the same text must come after a part. */
export function isBegun(part: string): boolean {
  return part[0] === MORE;
}

/** Half a character would not survive its way as UTF-8. */
function wholeEnd(text: string, end: number): number {
  const isHalf = end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1]!);
  return isHalf ? end + 1 : end;
}

/** Puts texts together again. */
export class Parts {
  readonly #most: number;
  #waiting: string[] = [];
  #chars = 0;

  /** @param most Characters of a whole text. */
  constructor(most: number = WIRE_LIMITS.HOST_CHARS) {
    this.#most = most;
  }

  /**
   * @returns A whole text, or `undefined` as long as more of it must come.
   * @throws {RangeError} for a text that is too long, or what is no part
   */
  add(part: string): string | undefined {
    if (part === BROKEN_OFF) {
      this.#waiting = [];
      this.#chars = 0;
      return undefined;
    }
    const sign = part[0];
    this.#chars += part.length - 1;
    if ((sign !== MORE && sign !== LAST) || this.#chars > this.#most) {
      throw new RangeError("Cannot take the message as it is too long, or no part of one");
    }
    this.#waiting.push(part.slice(1));
    if (sign === MORE) return undefined;
    const text = this.#waiting.join("");
    this.#waiting = [];
    this.#chars = 0;
    return text;
  }
}
