import { DatabaseSync } from "node:sqlite";
import { AgentError, messageOf, storageCode } from "../errors.ts";
import { APPLICATION_ID, SCHEMA_STEPS, STATE_VERSION } from "./schema.ts";

/** What every SQLite file begins with. */
const MAGIC = "SQLite format 3\0";
/** Where SQLite keeps `user_version` and `application_id` in its file: four bytes each, big-endian. */
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;

/**
 * Opens the agent's database, or makes it, or brings that of an older version up to date. What is acknowledged is on disk: write-ahead log, and
 * an fsync for every commit. A database of a newer version is recognised before SQLite may touch
 * it, and stays as it is.
 *
 * @throws {AgentError} state_newer – a newer Writ wrote it.
 * @throws {AgentError} state_unreadable – it is damaged, or not ours.
 * @throws {AgentError} disk_full – a new one cannot be stored.
 */
export function openDatabase(path: string): DatabaseSync {
  refuseNewer(path, versionInHeader(path));
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { enableForeignKeyConstraints: true });
    // The header can lag behind a log that was not folded in before a crash.
    const version = numberOf(db, "PRAGMA user_version");
    if (version === 0) requireEmpty(db, path);
    else if (numberOf(db, "PRAGMA application_id") !== APPLICATION_ID) throw foreign(path);
    refuseNewer(path, version);
    if (version < STATE_VERSION) bringUp(db, version);
    Deno.chmodSync(path, 0o600);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF");
    // The journals of savepoints are otherwise files: two writes for each order.
    db.exec("PRAGMA temp_store = MEMORY");
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof AgentError) throw error;
    const message = `Cannot open "${path}": ${messageOf(error)}`;
    throw new AgentError(storageCode(error), message, { cause: error });
  }
}

/** Opens the database for reading alone, while an agent may be writing it. */
export function openDatabaseForReading(path: string): DatabaseSync {
  refuseNewer(path, versionInHeader(path));
  requireThere(path);
  try {
    const db = new DatabaseSync(path, { readOnly: true });
    if (numberOf(db, "PRAGMA application_id") === APPLICATION_ID) return db;
    db.close();
  } catch (error) {
    throw new AgentError("state_unreadable", `Cannot read "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
  throw foreign(path);
}

function requireEmpty(db: DatabaseSync, path: string): void {
  if (numberOf(db, "SELECT count(*) FROM sqlite_schema") > 0) throw foreign(path);
}

/** Makes or changes the tables, all or none of the steps that are missing. */
function bringUp(db: DatabaseSync, version: number): void {
  // The mode of the journal cannot change inside a transaction.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  db.exec(
    `BEGIN EXCLUSIVE; ${SCHEMA_STEPS.slice(version).join("")}
     PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${STATE_VERSION}; COMMIT`,
  );
}

/** 0 for what is no database of ours: SQLite has the word there. */
function versionInHeader(path: string): number {
  try {
    using file = Deno.openSync(path, { read: true });
    const header = new Uint8Array(100);
    if ((file.readSync(header) ?? 0) < header.length) return 0;
    const view = new DataView(header.buffer);
    const ours = new TextDecoder().decode(header.subarray(0, MAGIC.length)) === MAGIC &&
      view.getUint32(APPLICATION_ID_OFFSET) === APPLICATION_ID;
    return ours ? view.getUint32(USER_VERSION_OFFSET) : 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw new AgentError("state_unreadable", `Cannot read "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function requireThere(path: string): void {
  try {
    Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return; // told by SQLite
    throw new AgentError("no_state", `Cannot read "${path}" as no agent has run with this state`);
  }
}

function refuseNewer(path: string, version: number): void {
  if (version <= STATE_VERSION) return;
  throw new AgentError(
    "state_newer",
    `Cannot open "${path}" as a newer Writ wrote it: version ${version}, known up to ${STATE_VERSION}`,
  );
}

function foreign(path: string): AgentError {
  return new AgentError(
    "state_unreadable",
    `Cannot open "${path}": it is not a Writ agent's database`,
  );
}

function numberOf(db: DatabaseSync, sql: string): number {
  return Number(Object.values(db.prepare(sql).get() ?? {})[0] ?? 0);
}
