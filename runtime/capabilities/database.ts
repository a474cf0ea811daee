import type { StatementSync } from "node:sqlite";

/** What capabilities need of the agent's database. */
export interface Database {
  /** A prepared statement, made once. */
  sql(text: string): Pick<StatementSync, "get" | "all" | "iterate" | "run">;
  /** Runs a change in the next transaction; resolves once that is on disk. */
  write<T>(change: () => T): Promise<T>;
}
