import postgres from "postgres";
import { HubError } from "../errors.ts";
import { databaseFailure } from "./database_failure.ts";
import type { HubDatabase, HubQueries, SqlValue } from "./hub_database.ts";
import { migrated } from "./migrate.ts";

/** Connections of one hub. */
const CONNECTIONS = 8;
/** What PostgreSQL answers when another transaction was in the way: serialization and deadlock. */
const IN_THE_WAY: readonly unknown[] = ["40001", "40P01"];
const TRIES = 5;
/** PostgreSQL's number of the type `int8`. */
const INT8 = 20;

type Sql = postgres.Sql<{ bigint: number }>;

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
  const sql = postgres(url, {
    max: CONNECTIONS,
    connect_timeout: 10,
    onnotice: () => {},
    types: {
      // Counts and times stay below 2⁵³.
      bigint: { to: INT8, from: [INT8], serialize: String, parse: Number },
    },
  }) as Sql;
  return await migrated(new PostgresDatabase(sql));
}

class PostgresDatabase implements HubDatabase {
  readonly kind = "postgres";
  readonly #sql: Sql;
  readonly #queries: HubQueries;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#queries = queriesOf(sql);
  }

  all<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row[]> {
    return this.#queries.all(sql, values);
  }

  get<Row>(sql: string, values?: readonly SqlValue[]): Promise<Row | undefined> {
    return this.#queries.get(sql, values);
  }

  run(sql: string, values?: readonly SqlValue[]): Promise<number> {
    return this.#queries.run(sql, values);
  }

  async transaction<T>(work: (tx: HubQueries) => Promise<T>): Promise<T> {
    for (let left = TRIES;; left--) {
      try {
        return await this.#sql.begin((tx) => work(queriesOf(tx))) as T;
      } catch (error) {
        if (left > 1 && IN_THE_WAY.includes(stateOf(error))) continue;
        throw error instanceof postgres.PostgresError || isConnection(error)
          ? databaseFailure(error)
          : error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sql.end({ timeout: 5 });
  }
}

function queriesOf(sql: Sql | postgres.TransactionSql<{ bigint: number }>): HubQueries {
  const ask = async (text: string, values: readonly SqlValue[] = []) => {
    try {
      return await sql.unsafe(numbered(text), [...values], { prepare: true });
    } catch (error) {
      throw databaseFailure(error);
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
