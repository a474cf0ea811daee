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

  /** Who wrote a field last; nothing where nobody did. */
  last(key: string): Stamp | undefined {
    return this.#last.get(key);
  }

  /** Takes what stands in a field elsewhere, unless something that came after it is known here. */
  settle(key: string, stamp: Stamp | undefined): boolean {
    const last = this.#last.get(key);
    if (last && (!stamp || isAfter(last, stamp))) return false;
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

/** Whether a field is one of a page. */
export function isOfTab(field: string, tab: number): boolean {
  return field.startsWith(`${tab} `);
}

function isAfter(one: Stamp, other: Stamp): boolean {
  return one.n !== other.n ? one.n > other.n : one.by > other.by;
}
