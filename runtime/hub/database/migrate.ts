import { HubError } from "../errors.ts";
import type { HubDatabase } from "./hub_database.ts";
import { MIGRATIONS } from "./migrations.ts";

/** What the types of our tables are called by each store. */
const TYPES = {
  sqlite: { BYTES: "BLOB", SERIAL_ID: "INTEGER PRIMARY KEY AUTOINCREMENT" },
  postgres: { BYTES: "BYTEA", SERIAL_ID: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY" },
} as const;

/**
 * Brings the tables to the version of this program, one step after another; each is whole or not
 * there. Hubs that start together on one database do it one after another.
 *
 * @throws {HubError} database_newer – the tables have a version that this program does not know.
 */
export async function migrate(database: HubDatabase): Promise<void> {
  await database.transaction(async (tx) => {
    // Number of an advisory lock: "WRIT".
    if (database.kind === "postgres") await tx.get("SELECT pg_advisory_xact_lock(1465010516)");
    await tx.run("CREATE TABLE IF NOT EXISTS hub_versions (version BIGINT PRIMARY KEY)");
    const row = await tx.get<{ version: number | null }>(
      "SELECT max(version) AS version FROM hub_versions",
    );
    const before = row?.version ?? 0;
    if (before > MIGRATIONS.length) {
      throw new HubError(
        "database_newer",
        `Cannot use the hub's database as a newer Writ wrote it: version ${before}`,
      );
    }
    for (const [i, step] of [...MIGRATIONS.entries()].slice(before)) {
      for (const statement of statementsOf(step, database.kind)) await tx.run(statement);
      await tx.run("INSERT INTO hub_versions VALUES (?1)", [i + 1]);
    }
  });
}

/**
 * A database whose tables are of the version of this program; closed when they cannot be.
 *
 * @throws {HubError} database_newer – as {@linkcode migrate}.
 */
export async function migrated(database: HubDatabase): Promise<HubDatabase> {
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

function statementsOf(step: string, kind: HubDatabase["kind"]): string[] {
  const { BYTES, SERIAL_ID } = TYPES[kind];
  return step.replace(/--.*$/gm, "")
    .replace(/\bBYTES\b/g, BYTES).replace(/\bSERIAL_ID\b/g, SERIAL_ID)
    .split(";").map((statement) => statement.trim()).filter((statement) => statement !== "");
}
