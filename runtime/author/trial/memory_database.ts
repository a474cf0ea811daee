import { DatabaseSync, type StatementSync } from "node:sqlite";
import { BLOB_TABLES, BLOB_USE_TABLES } from "../../capabilities/blob_tables.ts";
import type { Database } from "../../capabilities/database.ts";
import { STORE_TABLES } from "../../capabilities/store_entries.ts";

/** What capabilities keep while a script is tried: gone with it. */
export class MemoryDatabase implements Database, Disposable {
  readonly #db = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();

  constructor() {
    this.#db.exec(STORE_TABLES + BLOB_TABLES + BLOB_USE_TABLES);
  }

  sql(text: string): StatementSync {
    const statement = this.#statements.get(text) ?? this.#db.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }

  write<T>(change: () => T): Promise<T> {
    return Promise.try(() => this.#inOneStep(change));
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #inOneStep<T>(change: () => T): T {
    this.#db.exec("SAVEPOINT change");
    try {
      const value = change();
      this.#db.exec("RELEASE change");
      return value;
    } catch (error) {
      this.#db.exec("ROLLBACK TO change; RELEASE change");
      throw error;
    }
  }
}
