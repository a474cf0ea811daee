import type { Store } from "writ";

/** How long an agent that gave something false is not asked again. */
const BAN_MS = 24 * 3_600_000;
/** Points until then: what it said it had verified counts for all of them. */
const LIMIT = 3;
const PREFIX = "ban/";
const BAD = "bad/";
/** Contents that are remembered as bad. */
const MAX_BAD = 1_000;

/** One agent that gave something false. */
export interface Ban {
  readonly peer: string;
  readonly points: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly why: string;
}

/** Who gave something false, and what that was; survives a restart. */
export class Bans {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Those that are not asked now. */
  async all(now: number): Promise<Ban[]> {
    const entries = await this.#store.list<Ban>({ prefix: PREFIX });
    return entries.map(({ value }) => value)
      .filter(({ points, at }) => points >= LIMIT && now - at < BAN_MS);
  }

  /**
   * Remembers that a peer gave something false.
   *
   * @param knew Whether it said that it had looked.
   * @returns whether it is banned now
   */
  async add(peer: string, why: string, knew: boolean, now: number): Promise<boolean> {
    const before = await this.#store.get<Ban>(PREFIX + peer);
    const points = (before && now - before.at < BAN_MS ? before.points : 0) + (knew ? LIMIT : 1);
    await this.#store.set(PREFIX + peer, { peer, points, at: now, why });
    return points >= LIMIT;
  }

  /** Whether this content was found to be bad under this name. */
  async isBad(name: string, sha256: string): Promise<boolean> {
    return await this.#store.get(badKey(name, sha256)) !== undefined;
  }

  async markBad(name: string, sha256: string, why: string): Promise<void> {
    const known = await this.#store.list({ prefix: BAD });
    if (known.length >= MAX_BAD) await this.#store.delete(known[0]!.key);
    await this.#store.set(badKey(name, sha256), why);
  }
}

/** What is no database may well be an increment. */
function badKey(name: string, sha256: string): string {
  return `${BAD}${name}/${sha256}`;
}
