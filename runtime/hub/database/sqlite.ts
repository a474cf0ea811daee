import { DatabaseSync, type StatementSync } from "node:sqlite";
import { databaseFailure } from "./database_failure.ts";
import type { HubDatabase, HubQueries, SqlValue } from "./hub_database.ts";
import { migrated } from "./migrate.ts";
import { Recent, STATEMENTS } from "./recent.ts";

/** Room for the indexes of an order to ten thousand agents. */
const CACHE_KIB = 32 << 10;
/** Pages that are written twice, once in sequence, before they are put in their places together. */
const CHECKPOINT_PAGES = 8_192;

/**
 * When changes come many at a time, the next commit waits so long after the last one: each is an
 * fsync, for which everything else waits.
 */
const GATHER_MS = 8;

interface Change {
  work(tx: HubQueries): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * The hub's tables in one file.
 *
 * Changes that arrive together are committed together, with one fsync; one that throws takes back
 * its own work only. Questions are answered by a second connection, which sees what is committed.
 *
 * @throws {HubError} database, disk_full – the file cannot be opened, or has no room to grow.
 * @throws {HubError} database_newer – a newer version of Writ wrote it.
 */
export async function openSqlite(path: string): Promise<HubDatabase> {
  return await migrated(new SqliteDatabase(path));
}

class SqliteDatabase implements HubDatabase {
  readonly kind = "sqlite";
  readonly #writer: Connection;
  readonly #reader: Connection;
  #queue: Change[] = [];
  #committing: Promise<void> | undefined;
  /** Milliseconds to wait for more changes; 0 while they come one by one. */
  #gatherMs = 0;

  constructor(path: string) {
    makePrivate(path);
    this.#writer = new Connection(path);
    this.#writer.execute("PRAGMA journal_mode = WAL");
    this.#writer.execute("PRAGMA synchronous = FULL");
    this.#writer.execute(`PRAGMA cache_size = -${CACHE_KIB}`);
    this.#writer.execute(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    this.#reader = new Connection(path);
    this.#reader.execute("PRAGMA query_only = ON");
  }

  async all<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return await this.#reader.all(sql, values);
  }

  async get<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row | undefined> {
    return await this.#reader.get(sql, values);
  }

  run(sql: string, values?: readonly SqlValue[]): Promise<number> {
    return this.transaction((tx) => tx.run(sql, values));
  }

  transaction<T>(work: (tx: HubQueries) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#committing;
    this.#reader.close();
    this.#writer.close();
  }

  async #commitAll(): Promise<void> {
    // A macrotask, so that what the event loop has already read joins the batch.
    await new Promise((resolve) => setTimeout(resolve, this.#gatherMs));
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      this.#gatherMs = batch.length > 1 ? GATHER_MS : 0;
      await this.#commit(batch);
    }
    this.#committing = undefined;
  }

  async #commit(batch: readonly Change[]): Promise<void> {
    try {
      this.#writer.execute("BEGIN IMMEDIATE");
      const settle: (() => void)[] = [];
      for (const change of batch) settle.push(await this.#apply(change));
      this.#writer.execute("COMMIT");
      for (const done of settle) done();
    } catch (error) {
      if (this.#writer.isTransaction) this.#writer.execute("ROLLBACK");
      for (const change of batch) change.reject(error);
    }
  }

  async #apply(change: Change): Promise<() => void> {
    this.#writer.execute("SAVEPOINT change");
    try {
      const value = await change.work(this.#writer);
      this.#writer.execute("RELEASE change");
      return () => change.resolve(value);
    } catch (error) {
      // A full disk ends the whole transaction; then no savepoint is left to go back to.
      if (!this.#writer.isTransaction) throw error;
      this.#writer.execute("ROLLBACK TO change");
      this.#writer.execute("RELEASE change");
      return () => change.reject(error);
    }
  }
}

/** Makes the file for its owner alone where there is none: SQLite's other files follow its mode. */
function makePrivate(path: string): void {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AlreadyExists)) throw databaseFailure(cause);
  }
}

/** One connection with its prepared statements. */
class Connection implements HubQueries {
  readonly #db: DatabaseSync;
  readonly #statements = new Recent<StatementSync>(STATEMENTS);

  constructor(path: string) {
    this.#db = failing(() => new DatabaseSync(path));
    this.execute("PRAGMA busy_timeout = 5000");
  }

  get isTransaction(): boolean {
    return this.#db.isTransaction;
  }

  execute(sql: string): void {
    failing(() => this.#prepare(sql).run());
  }

  all<Row>(sql: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    return asked(() => this.#prepare(sql).all(...values) as Row[]);
  }

  get<Row>(sql: string, values: readonly SqlValue[] = []): Promise<Row | undefined> {
    return asked(() => this.#prepare(sql).get(...values) as Row | undefined);
  }

  run(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    return asked(() => Number(this.#prepare(sql).run(...values).changes));
  }

  close(): void {
    this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    return this.#statements.get(sql, () => this.#db.prepare(sql));
  }
}

/** What is asked of this store is answered at once; of the other one it is waited for. */
function asked<T>(question: () => T): Promise<T> {
  return Promise.try(() => failing(question));
}

function failing<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw databaseFailure(cause);
  }
}
