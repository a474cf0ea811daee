import postgres from "postgres";
import { HubError } from "../errors.ts";
import type { HubQueries, SqlValue } from "./hub_database.ts";
import type { PostgresConnection } from "./postgres_connection.ts";

/** What PostgreSQL answers when another transaction was in the way: serialization and deadlock. */
const IN_THE_WAY: readonly unknown[] = ["40001", "40P01"];

/** One try to ask something by one connection; over with the first failure. */
export class PostgresAttempt {
  readonly #connection: PostgresConnection;
  #failure: HubError | undefined;
  #mayBeStored = false;

  constructor(connection: PostgresConnection) {
    this.#connection = connection;
  }

  /** Whether it failed so that nothing of it is stored, and another try may go better. */
  get mayBeMadeAgain(): boolean {
    if (this.#failure === undefined) return false;
    const { isLost, wasMade } = this.#connection;
    if (isLost) return wasMade && !this.#mayBeStored;
    const { cause } = this.#failure;
    return cause instanceof postgres.PostgresError && IN_THE_WAY.includes(cause.code);
  }

  /** A question of its own, which is stored with its answer. */
  alone(): HubQueries {
    return this.#queries((text) => !/^\s*SELECT\b/i.test(text));
  }

  /** All of `work`, or nothing of it. */
  async transaction<T>(work: (tx: HubQueries) => Promise<T>): Promise<T> {
    const tx = this.#queries((text) => text === "COMMIT");
    try {
      await tx.run("BEGIN");
      const result = await work(tx);
      await tx.run("COMMIT");
      return result;
    } catch (error) {
      // Of a connection that was lost nothing is left to take back.
      if (!this.#connection.isLost) await this.#takeBack();
      throw error;
    }
  }

  async #takeBack(): Promise<void> {
    try {
      await this.#connection.ask("ROLLBACK");
    } catch {
      this.#connection.lose();
    }
  }

  /** @param stores Whether it may be on disk once this was asked, whatever is answered. */
  #queries(stores: (text: string) => boolean): HubQueries {
    const ask = async (text: string, values?: readonly SqlValue[]) => {
      if (this.#failure) throw this.#failure;
      this.#mayBeStored ||= stores(text);
      try {
        return await this.#connection.ask(text, values);
      } catch (error) {
        this.#failure = error as HubError;
        throw error;
      }
    };
    return {
      all: async <Row>(text: string, values?: readonly SqlValue[]) =>
        [...await ask(text, values)] as Row[],
      get: async <Row>(text: string, values?: readonly SqlValue[]) =>
        (await ask(text, values))[0] as Row | undefined,
      run: async (text, values) => (await ask(text, values)).count,
    };
  }
}
