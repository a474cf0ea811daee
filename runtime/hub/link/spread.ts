import type { HubDatabase } from "../database/hub_database.ts";
import { HUB_LIMITS } from "../limits.ts";

/**
 * Within what time agents come back when this hub was gone: all that may come, not only those that
 * are connected yet. The first to come back would otherwise be told to come at once the next time.
 */
export class Spread {
  readonly #database: HubDatabase;
  readonly #now: () => number;
  readonly #connected: () => number;
  #expected = 0;

  /** @param options.connected Connections that this hub holds. */
  constructor(options: { database: HubDatabase; now(): number; connected(): number }) {
    this.#database = options.database;
    this.#now = options.now;
    this.#connected = options.connected;
  }

  /** Milliseconds. */
  get ms(): number {
    const agents = Math.max(this.#connected(), this.#expected);
    return Math.ceil(Math.max(HUB_LIMITS.SPREAD_MS, agents / HUB_LIMITS.LINKS_PER_SECOND * 1000));
  }

  /** Counts who may come, at this hub or another: approved, and not away for long. */
  async recount(): Promise<void> {
    const row = await this.#database.get<{ count: number }>(
      `SELECT count(*) AS count FROM agents
       WHERE standing = 'approved' AND coalesce(last_seen, enrolled) > ?1`,
      [this.#now() - HUB_LIMITS.AWAY_MS],
    );
    this.#expected = row!.count;
  }
}
