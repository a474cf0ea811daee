import { backup, DatabaseSync } from "node:sqlite";
import { AgentError, isDiskFull, messageOf } from "../errors.ts";
import { removeQuietly, syncFolder } from "../state/durable_write.ts";
import { statePaths } from "../state/state_dir.ts";
import { openDatabaseForReading } from "../store/open_database.ts";
import { ARCHIVE_TABLES, archiveFile, archiveTree } from "./archive.ts";

/** Folders of content. The copy of the audit head stays out: it may be younger than the database. */
export const CONTENT: readonly string[] = ["blobs", "script-blobs", "modules"];
/** The name of the database in an archive. */
export const DATABASE = "agent.db";
/** What makes an agent the one it is. */
export const SECRETS: readonly string[] = ["agent.key", "operator.token", "tls"];

/** More than a database has. */
const ALL_PAGES = 2 ** 31 - 1;

/** What a backup holds. */
export interface BackupSummary {
  readonly bytes: number;
  /** The last row of the audit log that is in it. */
  readonly auditRow: number;
  readonly keys: boolean;
  /** Whether an agent was using the state: what it does later is not in the backup. */
  readonly running: boolean;
}

/**
 * Copies the state of an agent, running or not, into one new file: the database as it stood at one
 * moment, and the files it names. Files that come in meanwhile may be there too; nothing is missing.
 *
 * @param options.keys Whether the agent's identity goes along; then the file is a secret.
 * @param options.now Milliseconds since the epoch.
 * @throws {AgentError} no_state – no agent has run there.
 * @throws {AgentError} backup_exists – the file is there already.
 * @throws {AgentError} disk_full, state_unreadable – it cannot be written; nothing is left.
 */
export async function backupState(
  stateDir: string,
  file: string,
  { keys, now }: { keys: boolean; now: number },
): Promise<BackupSummary> {
  const running = isRunning(stateDir);
  const snapshot = `${file}.database`;
  using source = openDatabaseForReading(statePaths(stateDir).database);
  claim(file);
  try {
    claim(snapshot);
    // All pages in one step: a copy in several begins anew whenever the agent writes.
    await backup(source, snapshot, { rate: ALL_PAGES });
    const auditRow = lastRowOf(snapshot);
    using db = new DatabaseSync(file);
    db.exec(`BEGIN; ${ARCHIVE_TABLES}`);
    archiveFile(db, snapshot, DATABASE);
    for (const name of keys ? [...CONTENT, ...SECRETS] : CONTENT) archiveTree(db, stateDir, name);
    const about = db.prepare("INSERT INTO archive_about VALUES (?, ?)");
    const facts = { time: now, running: Number(running), keys: Number(keys), auditRow };
    for (const [key, value] of Object.entries(facts)) about.run(key, String(value));
    db.exec("COMMIT");
    sync(file);
    return { bytes: Deno.statSync(file).size, auditRow, keys, running };
  } catch (error) {
    removeQuietly(file);
    if (error instanceof AgentError) throw error;
    const code = isDiskFull(error) ? "disk_full" : "state_unreadable";
    throw new AgentError(code, `Cannot back up "${stateDir}": ${messageOf(error)}`, {
      cause: error,
    });
  } finally {
    for (const name of [snapshot, `${snapshot}-wal`, `${snapshot}-shm`]) removeQuietly(name);
  }
}

function lastRowOf(database: string): number {
  using db = new DatabaseSync(database);
  return Number(db.prepare("SELECT max(seq) AS seq FROM audit").get()?.seq ?? 0);
}

/** SQLite writes into an empty file; made here, nobody else can read what comes into it. */
function claim(file: string): void {
  try {
    Deno.openSync(file, { write: true, createNew: true, mode: 0o600 }).close();
  } catch (cause) {
    const exists = cause instanceof Deno.errors.AlreadyExists;
    const code = exists ? "backup_exists" : isDiskFull(cause) ? "disk_full" : "state_unreadable";
    const found = exists ? "it exists" : messageOf(cause);
    throw new AgentError(code, `Cannot write a backup to "${file}": ${found}`, { cause });
  }
}

function isRunning(stateDir: string): boolean {
  try {
    using lock = Deno.openSync(`${stateDir}/agent.lock`, { read: true, write: true });
    return !lock.tryLockSync(true);
  } catch {
    return false; // never locked, or not ours to lock
  }
}

function sync(file: string): void {
  {
    using handle = Deno.openSync(file, { read: true });
    handle.syncSync();
  }
  syncFolder(file.slice(0, file.lastIndexOf("/")) || "/");
}
