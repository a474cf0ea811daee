import type { Input } from "../wire/input.ts";
import type { Stamp } from "../wire/guest_message.ts";
import { SESSION_LIMITS } from "./limits.ts";

/**
 * Who wrote each field last. All sides keep one and let the same writing win, in whichever sequence
 * writings arrive: the higher count, and of two with the same count the greater name. Counts are of
 * writings; nobody's clock is asked.
 */
export class Fields {
  readonly #last = new Map<string, Stamp>();
  #count = 0;

  /** The stamp of what somebody here writes now. */
  write(key: string, by: string): Stamp {
    const stamp = { n: this.#count + 1, by };
    this.#keep(key, stamp);
    return stamp;
  }

  /** Takes a writing from elsewhere, if it comes after all that are known. */
  take(key: string, stamp: Stamp): boolean {
    const last = this.#last.get(key);
    this.#count = Math.max(this.#count, stamp.n);
    if (last && !isAfter(stamp, last)) return false;
    this.#keep(key, stamp);
    return true;
  }

  /** Who wrote which field last, as it is now. */
  now(): ReadonlyMap<string, Stamp> {
    return new Map(this.#last);
  }

  /**
   * Takes what stands in a field elsewhere, unless something that came after it is known here.
   *
   * @param heard Who is here, and the count up to which what they wrote has been decided over there:
   *   what of it does not stand there was refused.
   */
  settle(key: string, stamp: Stamp | undefined, heard: Stamp): boolean {
    const last = this.#last.get(key);
    const isDecided = last?.by === heard.by && last.n <= heard.n;
    if (last && !isDecided && (!stamp || isAfter(last, stamp))) return false;
    this.#last.delete(key);
    if (stamp) this.#keep(key, stamp);
    return true;
  }

  /** Nothing that was written here counts any more; what is told next does. */
  forget(): void {
    this.#last.clear();
  }

  /** Whether a stamp lies no further ahead than what may be on its way. */
  isNear({ n }: Stamp): boolean {
    return n <= this.#count + SESSION_LIMITS.STAMP_AHEAD;
  }

  #keep(key: string, stamp: Stamp): void {
    this.#count = Math.max(this.#count, stamp.n);
    this.#last.delete(key);
    this.#last.set(key, stamp);
    if (this.#last.size > SESSION_LIMITS.FIELDS) this.#last.delete(this.#last.keys().next().value!);
  }
}

/** What names the field that an input writes; nothing where it writes none. */
export function fieldOf(input: Input): string | undefined {
  if (input.type !== "input") return undefined;
  const { element, tab = 0 } = input;
  const place = "path" in element ? element.path : `${element.document} ${element.node}`;
  return `${tab} ${place}`;
}

function isAfter(one: Stamp, other: Stamp): boolean {
  return one.n !== other.n ? one.n > other.n : one.by > other.by;
}
