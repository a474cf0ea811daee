import type { DatabaseSync, StatementSync } from "node:sqlite";
import { AgentError, isDiskFull, messageOf, storageCode } from "../errors.ts";
import { openDatabase } from "./open_database.ts";

/** So soon after a commit others are likely on their way: the next one waits for them a little. */
const BUSY_MS = 5;
/** How long a change may lie that nobody waits for. */
const LATER_MS = 50;

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
  #lastCommit = -Infinity;
  /** Takes back the flush that is coming. */
  #unplan: (() => void) | undefined;
  /** When that is; long ago when it comes as soon as it can. */
  #plannedAt = Infinity;

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
    const written = this.#add(change);
    if (this.#plannedAt > -Infinity) this.#planSoon();
    return written;
  }

  /**
   * As {@linkcode write}, for what nobody waits for: it is committed with the next change that
   * somebody does wait for, or by itself a little later.
   *
   * @param withinMs How long it may lie.
   */
  writeLater<T>(change: () => T, withinMs = LATER_MS): Promise<T> {
    const written = this.#add(change);
    const at = performance.now() + withinMs;
    if (at < this.#plannedAt) {
      this.#unplan?.();
      this.#plannedAt = at;
      this.#planAfter(withinMs);
    }
    return written;
  }

  /** Commits what is queued now. */
  flush(): void {
    this.#unplan?.();
    this.#unplan = undefined;
    this.#plannedAt = Infinity;
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

  #add<T>(apply: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ apply, resolve: resolve as (value: unknown) => void, reject });
    });
  }

  /** A macrotask, so that every request the event loop has already read joins the batch. */
  #planSoon(): void {
    this.#unplan?.();
    this.#plannedAt = -Infinity;
    // A timer costs 2 ms, which one who asks alone need not wait.
    if (performance.now() - this.#lastCommit < BUSY_MS) return this.#planAfter(0);
    const immediate = setImmediate(() => this.flush());
    this.#unplan = () => clearImmediate(immediate);
  }

  #planAfter(ms: number): void {
    const timer = setTimeout(() => this.flush(), ms);
    this.#unplan = () => clearTimeout(timer);
  }

  #commit(batch: readonly Change[]): (() => void)[] {
    try {
      this.sql("BEGIN IMMEDIATE").run();
      const settle = batch.map((change) => this.#apply(change));
      for (const hook of this.#beforeCommit) hook();
      this.sql("COMMIT").run();
      this.#lastCommit = performance.now();
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
