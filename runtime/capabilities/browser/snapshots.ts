import { CapabilityError } from "../../sandbox/mod.ts";
import type { Tab } from "./tab.ts";

/** A snapshot's JSON. */
export const MAX_CHARACTERS = 16_000_000;

/** A page's content, as rrweb has it. */
export interface Snapshot {
  /** JSON. */
  readonly events: string;
  /** How much had been told when it was taken. */
  readonly n: number;
}

/** Whole pages, each with the moment at which it was one. */
export class Snapshots {
  readonly #moments = new Map<string, number>();

  /** A page says that it takes one now; what it tells later is not in it. */
  noteMoment(token: string, n: number): void {
    if (this.#moments.has(token)) this.#moments.set(token, n);
  }

  /**
   * Takes one. What the page tells after it may be here before the answer is, so the page says when
   * it was.
   *
   * @param most Characters of its JSON.
   * @throws {CapabilityError} unavailable – no page is there; too_long – it is too large
   */
  async take(tab: Pick<Tab, "askText">, most = MAX_CHARACTERS): Promise<Snapshot> {
    const token = crypto.randomUUID();
    this.#moments.set(token, 0);
    const events = await tab.askText("snapshot", token);
    const n = this.#moments.get(token)!;
    this.#moments.delete(token);
    if (events === undefined) {
      throw new CapabilityError("unavailable", "Cannot take a snapshot as no page is there yet");
    }
    if (events.length > most) {
      throw new CapabilityError("too_long", "Cannot take a snapshot as the page is too large");
    }
    return { events, n };
  }
}
