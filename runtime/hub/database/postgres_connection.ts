import postgres from "postgres";
import { HubError } from "../errors.ts";
import { databaseFailure } from "./database_failure.ts";
import type { SqlValue } from "./hub_database.ts";
import { Recent, STATEMENTS } from "./recent.ts";

/** PostgreSQL's number of the type `int8`. */
const INT8 = 20;

/**
 * One connection to PostgreSQL, made at its first question, and asked one thing after another. Once
 * it was lost it is never made again, as the library does not get over that: what it writes to a
 * connection that has ended is thrown where nobody can catch it; what it asks between an error and
 * the end is never answered; and where something waited to be written, nothing is ever written again.
 *
 * @see https://github.com/porsager/postgres/issues/1154
 */
export class PostgresConnection {
  readonly #sql: postgres.Sql<{ bigint: number }>;
  #last: Promise<unknown> = Promise.resolve();
  #wasMade = false;
  #isLost = false;
  #ended: Promise<void> | undefined;

  /** @param onLost Is told at once, also while nothing is asked. */
  constructor(url: string, onLost: () => void) {
    this.#sql = postgres(url, {
      max: 1,
      // Does not end but by being lost.
      max_lifetime: null,
      connect_timeout: 10,
      // Its own first question, which nobody could catch when the server dies at it.
      fetch_types: false,
      onnotice: () => {},
      onclose: () => {
        this.lose();
        onLost();
      },
      types: {
        // Counts and times stay below 2⁵³.
        bigint: { to: INT8, from: [INT8], serialize: String, parse: Number },
      },
    });
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Whether it answered before it was lost, so that another one may answer as well. */
  get wasMade(): boolean {
    return this.#wasMade;
  }

  /** @throws {HubError} database, disk_full – it answers with an error, or was lost */
  ask(text: string, values: readonly SqlValue[] = []) {
    // What it had queued, the library would ask outside of its transaction once it connects again.
    const asked = this.#last.then(() => this.#ask(text, values));
    this.#last = asked.catch(() => {});
    return asked;
  }

  async #ask(text: string, values: readonly SqlValue[]) {
    if (this.#isLost) throw new HubError("database", "Cannot go on as the connection was lost");
    try {
      const rows = await this.#sql.unsafe(numbered(text), [...values], { prepare: true });
      this.#wasMade = true;
      return rows;
    } catch (error) {
      if (isOver(error)) this.lose();
      throw databaseFailure(error);
    }
  }

  /** Has it used no more. Whoever waits for its answer is told that there is none. */
  lose(): void {
    this.#isLost = true;
    void this.end();
  }

  /** Resolves when it has ended. */
  end(): Promise<void> {
    return this.#ended ??= this.#sql.end({ timeout: this.#isLost ? 0 : 5 }).catch(() => {});
  }
}

/** Whether nothing more is to be had of a connection that answered so. */
function isOver(error: unknown): boolean {
  if (error instanceof postgres.PostgresError) return /^(FATAL|PANIC)$/.test(error.severity);
  return error instanceof Error && "code" in error && /^(CONN|E[A-Z]+$)/.test(String(error.code));
}

const texts = new Recent<string>(STATEMENTS);

/** `?1` as PostgreSQL writes it. */
function numbered(text: string): string {
  return texts.get(text, () => text.replace(/\?(\d+)/g, "$$$1"));
}
