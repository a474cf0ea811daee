import type { DatabaseSync, StatementSync } from "node:sqlite";
import { AgentError, isDiskFull, messageOf, storageCode } from "../errors.ts";
import { openDatabase } from "./open_database.ts";

interface Change {
  apply(): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * The one writer of the agent's database. Changes that arrive together are committed together: one
 * fsync for all of them, and none is acknowledged before it. One that throws takes back its own
 * work only.
 */
export class Store implements Disposable {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #beforeCommit: (() => void)[] = [];
  readonly #afterCommit: (() => void)[] = [];
  #queue: Change[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** @throws {AgentError} as `openDatabase()` does. */
  static open(path: string): Store {
    return new Store(openDatabase(path));
  }

  /** A prepared statement, made once. */
  sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.#db.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  /** Adds work to the end of every transaction, such as signing the head of the audit log. */
  onCommit(hooks: { before?(): void; after?(): void }): void {
    if (hooks.before) this.#beforeCommit.push(hooks.before);
    if (hooks.after) this.#afterCommit.push(hooks.after);
  }

  /**
   * Queues a change for the next transaction.
   *
   * @param change Runs inside the transaction, must be synchronous, and sees what changes before
   *   it in the same batch have written.
   * @returns what `change` returned, after the commit has reached the disk.
   * @throws {AgentError} disk_full – no space is left; nothing of the batch was stored.
   * @throws {AgentError} state_unreadable – the database failed; nothing of the batch was stored.
   */
  write<T>(change: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ apply: change, resolve: resolve as (value: unknown) => void, reject });
      // A macrotask, so that every request the event loop has already read joins the batch.
      this.#timer ??= setTimeout(() => this.flush(), 0);
    });
  }

  /** Commits what is queued now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#queue.length === 0) return;
    const batch = this.#queue;
    this.#queue = [];
    try {
      const settle = this.#commit(batch);
      for (const hook of this.#afterCommit) hook();
      for (const done of settle) done();
    } catch (error) {
      for (const change of batch) change.reject(error);
    }
  }

  #commit(batch: readonly Change[]): (() => void)[] {
    try {
      this.sql("BEGIN IMMEDIATE").run();
      const settle = batch.map((change) => this.#apply(change));
      for (const hook of this.#beforeCommit) hook();
      this.sql("COMMIT").run();
      return settle;
    } catch (error) {
      if (this.#db.isTransaction) this.sql("ROLLBACK").run();
      throw failure(error);
    }
  }

  #apply(change: Change): () => void {
    this.sql("SAVEPOINT change").run();
    try {
      const value = change.apply();
      this.sql("RELEASE change").run();
      return () => change.resolve(value);
    } catch (error) {
      // A full disk ends the whole transaction; then no savepoint is left to go back to.
      if (!this.#db.isTransaction || isDiskFull(error)) throw error;
      this.sql("ROLLBACK TO change").run();
      this.sql("RELEASE change").run();
      return () => change.reject(error);
    }
  }

  /** Commits what is queued and closes the database. */
  [Symbol.dispose](): void {
    this.flush();
    this.#db.close();
  }
}

function failure(error: unknown): AgentError {
  const message = `Cannot store a change: ${messageOf(error)}`;
  return new AgentError(storageCode(error), message, { cause: error });
}
