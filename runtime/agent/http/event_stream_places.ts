import type { PublicKey } from "../../core/documents/common.ts";
import { AGENT_LIMITS } from "../limits.ts";

/**
 * Who may have how many event streams open: each key its share, all keys together less than there
 * are, so that one that follows its runs too eagerly takes nothing from others nor the operator.
 */
export class EventStreamPlaces {
  readonly #perKey = new Map<PublicKey, number>();
  #ofKeys = 0;
  #all = 0;

  /**
   * @param key Of the caller; `undefined` for the operator.
   * @returns gives the place back, once; `undefined` when there is none.
   */
  take(key: PublicKey | undefined): (() => void) | undefined {
    if (!this.#hasRoomFor(key)) return undefined;
    this.#count(key, 1);
    let isOpen = true;
    return () => {
      if (isOpen) this.#count(key, -1);
      isOpen = false;
    };
  }

  #hasRoomFor(key: PublicKey | undefined): boolean {
    const { EVENT_STREAMS, EVENT_STREAMS_OF_ONE_KEY, EVENT_STREAMS_OF_OPERATOR } = AGENT_LIMITS;
    if (this.#all >= EVENT_STREAMS) return false;
    return key === undefined ||
      this.#ofKeys < EVENT_STREAMS - EVENT_STREAMS_OF_OPERATOR &&
        (this.#perKey.get(key) ?? 0) < EVENT_STREAMS_OF_ONE_KEY;
  }

  #count(key: PublicKey | undefined, by: 1 | -1): void {
    this.#all += by;
    if (key === undefined) return;
    this.#ofKeys += by;
    const left = (this.#perKey.get(key) ?? 0) + by;
    if (left > 0) this.#perKey.set(key, left);
    else this.#perKey.delete(key);
  }
}
