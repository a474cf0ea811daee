import { DatabaseSync } from "node:sqlite";
import type { Digest } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { signHead } from "../audit/audit_head.ts";
import { AgentError, isDiskFull, messageOf } from "../errors.ts";
import { loadAgentKey } from "../state/agent_key.ts";
import { syncFolder } from "../state/durable_write.ts";
import { KNOWN_SINCE } from "../state/lost_records.ts";
import { openStateDir } from "../state/state_dir.ts";
import { openDatabase } from "../store/open_database.ts";
import { ARCHIVE_ID, unarchive } from "./archive.ts";
import { CONTENT, DATABASE, SECRETS } from "./backup_state.ts";
import { interruptedOutcome, RESTORED } from "./restored.ts";

/** Numbers of runs that the lost agent may have given out since the backup. */
const RUN_NUMBER_GAP = 1_000_000;

/** What a restore made of a backup. */
export interface RestoreSummary {
  /** When the backup was made, milliseconds since the epoch. */
  readonly time: number;
  readonly auditRow: number;
  /** The agent has the identity of the one that was backed up. */
  readonly keys: boolean;
  /** Runs that waited or were under way, and are not begun again: they may have run since. */
  readonly interrupted: number;
}

/**
 * Makes a state folder from a backup. Whatever the agent did after the backup is not known any
 * more, so what waited then is interrupted, orders that were issued before now are refused, and
 * numbers of runs go on far above; unless it is certain that it did nothing.
 *
 * @param options.moved The agent had ended before the backup, and has not run since.
 * @throws {AgentError} backup_exists – the folder holds the state of an agent.
 * @throws {AgentError} state_locked – an agent runs there.
 * @throws {AgentError} state_newer – a newer Writ made the backup.
 * @throws {AgentError} backup_unreadable – it is not there or no backup, or was made of a running
 *   agent and `moved` is asked for.
 * @throws {AgentError} disk_full, state_unreadable – it cannot be written; nothing is left.
 */
export function restoreState(
  file: string,
  stateDir: string,
  { moved, now }: { moved: boolean; now: number },
): RestoreSummary {
  using archive = openArchive(file);
  const about = aboutOf(archive);
  if (moved && about.running) {
    throw new AgentError(
      "backup_unreadable",
      `Cannot take "${file}" as moved as it was made of a running agent, which did more later`,
    );
  }
  using state = openStateDir(stateDir);
  const parts = about.keys ? [...CONTENT, ...SECRETS] : CONTENT;
  const files = parts.map((part) => `${stateDir}/${part}`);
  const found = [state.database, ...files].find(exists);
  if (found !== undefined) {
    throw new AgentError("backup_exists", `Cannot restore to "${stateDir}" as it holds "${found}"`);
  }
  const temporary = `${state.database}.restoring`;
  try {
    // Files first, the database last: only its name makes the folder a state.
    unarchive(archive, (path) => {
      if (path === DATABASE) return temporary;
      // Keys in a backup that says it has none would be somebody else's.
      return parts.includes(path.split("/")[0]!) ? `${stateDir}/${path}` : undefined;
    });
    const interrupted = prepare(temporary, { moved, now, time: about.time });
    if (!about.keys) signAnew(temporary, loadAgentKey(state.key), now);
    Deno.renameSync(temporary, state.database);
    syncFolder(stateDir);
    return { ...about, interrupted };
  } catch (error) {
    for (const path of [temporary, ...files]) removeAll(path);
    if (error instanceof AgentError) throw error;
    const code = isDiskFull(error) ? "disk_full" : "state_unreadable";
    throw new AgentError(code, `Cannot restore "${file}": ${messageOf(error)}`, { cause: error });
  }
}

function openArchive(file: string): DatabaseSync {
  if (!exists(file)) {
    throw new AgentError("backup_unreadable", `Cannot read "${file}" as it does not exist`);
  }
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true });
    if (db.prepare("PRAGMA application_id").get()?.application_id === ARCHIVE_ID) return db;
  } catch {
    // no database at all
  }
  db?.close();
  throw new AgentError("backup_unreadable", `Cannot read "${file}" as it is no backup of an agent`);
}

function aboutOf(
  archive: DatabaseSync,
): Omit<RestoreSummary, "interrupted"> & { running: boolean } {
  const rows = archive.prepare("SELECT key, value FROM archive_about").all();
  const about = new Map(rows.map(({ key, value }) => [key, Number(value)]));
  return {
    time: about.get("time") ?? 0,
    running: about.get("running") === 1,
    keys: about.get("keys") === 1,
    auditRow: about.get("auditRow") ?? 0,
  };
}

function prepare(
  database: string,
  { moved, now, time }: { moved: boolean; now: number; time: number },
): number {
  using db = openDatabase(database); // of an older version: brought up to date
  db.exec("BEGIN");
  const interrupted = moved ? 0 : forget(db, now);
  const meta = db.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)");
  meta.run(RESTORED, JSON.stringify({ time, interrupted }));
  db.exec("COMMIT; PRAGMA journal_mode = DELETE");
  return interrupted;
}

function forget(db: DatabaseSync, now: number): number {
  const { changes } = db.prepare(
    "UPDATE runs SET state = 'ended', ended = ?, outcome = ? WHERE state <> 'ended'",
  ).run(now, JSON.stringify(interruptedOutcome()));
  db.prepare("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'runs'").run(RUN_NUMBER_GAP);
  db.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)").run(KNOWN_SINCE, String(now));
  return Number(changes);
}

/** The head that came along is another agent's; from here on this one answers for the log. */
function signAnew(database: string, signer: Signer, time: number): void {
  using db = new DatabaseSync(database);
  const end = db.prepare("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").get();
  if (!end) return;
  const head = signHead({ seq: Number(end.seq), hash: end.hash as Digest, time }, signer);
  db.prepare("INSERT OR REPLACE INTO meta VALUES ('audit_head', ?)").run(JSON.stringify(head));
}

function removeAll(path: string): void {
  if (exists(path)) Deno.removeSync(path, { recursive: true });
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
