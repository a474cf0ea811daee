import postgres from "postgres";

/** Connections of one hub. */
const CONNECTIONS = 8;
/** PostgreSQL's number of the type `int8`. */
const INT8 = 20;

/** What asks PostgreSQL: any connection of a pool, or the one of a transaction. */
export type Sql = postgres.Sql<{ bigint: number }>;

/**
 * Connections to PostgreSQL. Once one of them was lost, none of them is used any more, as the library
 * does not get over that: what it writes to a connection that has ended is thrown where nobody can
 * catch it; what it asks between an error and the end is never answered; and where something waited
 * to be written, nothing is ever written again.
 *
 * @see https://github.com/porsager/postgres/issues/1154
 */
export class PostgresPool {
  readonly sql: Sql;
  #isLost = false;
  #ended: Promise<void> | undefined;

  constructor(url: string) {
    this.sql = postgres(url, {
      max: CONNECTIONS,
      // None ends but by being lost.
      max_lifetime: null,
      connect_timeout: 10,
      onnotice: () => {},
      onclose: () => this.lose(),
      types: {
        // Counts and times stay below 2⁵³.
        bigint: { to: INT8, from: [INT8], serialize: String, parse: Number },
      },
    }) as Sql;
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Has no one use it any more. Whoever waits for an answer is told that there is none. */
  lose(): void {
    this.#isLost = true;
    void this.end();
  }

  /** Resolves when all of its connections have ended. */
  end(): Promise<void> {
    return this.#ended ??= this.sql.end({ timeout: this.#isLost ? 0 : 5 }).catch(() => {});
  }
}
