import postgres from "postgres";
import { HubError } from "../errors.ts";
import { databaseFailure } from "./database_failure.ts";
import type { HubDatabase, HubQueries, SqlValue } from "./hub_database.ts";
import { migrated } from "./migrate.ts";
import { PostgresPool, type Sql } from "./postgres_pool.ts";

/** What PostgreSQL answers when another transaction was in the way: serialization and deadlock. */
const IN_THE_WAY: readonly unknown[] = ["40001", "40P01"];
const TRIES = 5;

/**
 * The hub's tables in PostgreSQL, which several hubs can share. A connection that was lost is made
 * again at the next question.
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
  readonly #url: string;
  #pool: PostgresPool;
  /** Pools that were lost, and are not yet ended. */
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(url: string) {
    this.#url = url;
    this.#pool = new PostgresPool(url);
  }

  async all<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return await queriesOf(this.#current().sql).all(sql, values);
  }

  async get<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row | undefined> {
    return await queriesOf(this.#current().sql).get(sql, values);
  }

  async run(sql: string, values?: readonly SqlValue[]): Promise<number> {
    return await queriesOf(this.#current().sql).run(sql, values);
  }

  async transaction<T>(work: (tx: HubQueries) => Promise<T>): Promise<T> {
    for (let left = TRIES;; left--) {
      try {
        return await transactionIn(this.#current(), work);
      } catch (error) {
        if (left > 1 && IN_THE_WAY.includes(stateOf(error))) continue;
        throw error instanceof postgres.PostgresError || isConnection(error)
          ? databaseFailure(error)
          : error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#end(this.#pool);
    await Promise.all(this.#ending);
  }

  /** @throws {HubError} database – it was closed, so that nobody would end another pool */
  #current(): PostgresPool {
    if (this.#isClosed) throw new HubError("database", "Cannot use the database as it was closed");
    if (this.#pool.isLost) {
      this.#end(this.#pool);
      this.#pool = new PostgresPool(this.#url);
    }
    return this.#pool;
  }

  #end(pool: PostgresPool): void {
    const ending = pool.end().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}

async function transactionIn<T>(
  pool: PostgresPool,
  work: (tx: HubQueries) => Promise<T>,
): Promise<T> {
  const connection = await pool.sql.reserve();
  const tx = queriesOf(connection, pool);
  try {
    await tx.run("BEGIN");
    const result = await work(tx);
    await tx.run("COMMIT");
    return result;
  } catch (error) {
    // Of a connection that was lost nothing is left to take back.
    if (!pool.isLost) await queriesOf(connection).run("ROLLBACK").catch(() => pool.lose());
    throw error;
  } finally {
    if (!pool.isLost) connection.release();
  }
}

/** @param pool That of the transaction whose connection this is; it is over with the first failure. */
function queriesOf(sql: Sql, pool?: PostgresPool): HubQueries {
  let failure: HubError | undefined;
  const ask = async (text: string, values: readonly SqlValue[] = []) => {
    if (failure) throw failure;
    if (pool?.isLost) throw new HubError("database", "Cannot go on as the connection was lost");
    try {
      return await sql.unsafe(numbered(text), [...values], { prepare: true });
    } catch (error) {
      const failed = databaseFailure(error);
      if (pool) failure = failed;
      throw failed;
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

const texts = new Map<string, string>();

/** `?1` as PostgreSQL writes it. */
function numbered(text: string): string {
  let written = texts.get(text);
  if (written === undefined) {
    written = text.replace(/\?(\d+)/g, "$$$1");
    texts.set(text, written);
  }
  return written;
}

function stateOf(error: unknown): unknown {
  const cause = error instanceof HubError ? error.cause : error;
  return cause instanceof postgres.PostgresError ? cause.code : undefined;
}

function isConnection(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(CONN|E[A-Z]+$)/.test(String(error.code));
}
