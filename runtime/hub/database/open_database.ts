import { HubError } from "../errors.ts";
import type { HubDatabase } from "./hub_database.ts";

/**
 * Opens the database that `--database` names: `postgres://…`, or the path of a file.
 *
 * @throws {HubError} database, database_newer – it cannot be used.
 */
export async function openHubDatabase(where: string): Promise<HubDatabase> {
  if (/^postgres(ql)?:\/\//.test(where)) {
    // Loaded only by hubs that have one.
    const { openPostgres } = await import("./postgres.ts");
    return await openPostgres(where);
  }
  if (/^\w{2,}:\/|^postgres(ql)?:/.test(where)) {
    // Not as a file's name in an error, as it may have a password.
    throw new HubError(
      "database",
      "Cannot use the database: it is no file, nor postgres://user@host/name",
    );
  }
  const { openSqlite } = await import("./sqlite.ts");
  return await openSqlite(where);
}
