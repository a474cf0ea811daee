import type { HubDatabase, HubQueries, SqlValue } from "./hub_database.ts";
import { migrated } from "./migrate.ts";
import { PostgresAttempt } from "./postgres_attempt.ts";
import { PostgresPool } from "./postgres_pool.ts";

/** How often something is asked that another transaction, or a lost connection, was in the way of. */
const TRIES = 5;

/**
 * The hub's tables in PostgreSQL, which several hubs can share. What was lost with its connection is
 * asked again by another one where nothing of it can have been stored; a connection that cannot be
 * made is not tried again.
 *
 * @param url `postgres://user@host/name`, without a password where the environment or a password
 * file has it.
 * @throws {HubError} database – it cannot be reached.
 * @throws {HubError} database_newer – a newer version of Writ wrote it.
 */
export async function openPostgres(url: string): Promise<HubDatabase> {
  return await migrated(new PostgresDatabase(url));
}

class PostgresDatabase implements HubDatabase {
  readonly kind = "postgres";
  readonly #pool: PostgresPool;

  constructor(url: string) {
    this.#pool = new PostgresPool(url);
  }

  async all<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return await this.#attempt((one) => one.alone().all(sql, values));
  }

  async get<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row | undefined> {
    return await this.#attempt((one) => one.alone().get(sql, values));
  }

  async run(sql: string, values?: readonly SqlValue[]): Promise<number> {
    return await this.#attempt((one) => one.alone().run(sql, values), true);
  }

  async transaction<T>(work: (tx: HubQueries) => Promise<T>): Promise<T> {
    return await this.#attempt((one) => one.transaction(work), true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }

  async #attempt<T>(
    work: (attempt: PostgresAttempt) => Promise<T>,
    isChange = false,
  ): Promise<T> {
    for (let left = TRIES;; left--) {
      let attempt: PostgresAttempt | undefined;
      try {
        return await this.#pool.lend((connection) => {
          attempt = new PostgresAttempt(connection);
          return work(attempt);
        }, isChange);
      } catch (error) {
        if (left === 1 || !attempt?.mayBeMadeAgain) throw error;
      }
    }
  }
}
