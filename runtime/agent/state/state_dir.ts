import { octal, OPEN_TO_OTHERS, WRITABLE_BY_OTHERS } from "../../core/file_mode.ts";
import { AgentError, messageOf } from "../errors.ts";
import { syncFolder } from "./durable_write.ts";

/** Where an agent keeps everything it must not forget. */
export interface StateDir extends Disposable {
  readonly path: string;
  readonly database: string;
  readonly key: string;
  readonly token: string;
  readonly auditHead: string;
  /** Holds the URL of the agent while it runs. */
  readonly address: string;
  readonly blobs: string;
  readonly modules: string;
  /** The agent's own certificates. */
  readonly tls: string;
  readonly scriptBlobs: string;
  /** Blobs on their way from peers. */
  readonly partial: string;
}

/** The names inside a state directory, also for readers that take no lock. */
export function statePaths(path: string): Omit<StateDir, typeof Symbol.dispose> {
  return {
    path,
    database: `${path}/agent.db`,
    key: `${path}/agent.key`,
    token: `${path}/operator.token`,
    auditHead: `${path}/audit.head`,
    address: `${path}/agent.url`,
    blobs: `${path}/blobs`,
    modules: `${path}/modules`,
    tls: `${path}/tls`,
    scriptBlobs: `${path}/script-blobs`,
    partial: `${path}/partial`,
  };
}

/**
 * Opens the state directory for one agent: makes it if it is missing, closes it to others, and
 * holds a lock that the system drops when the process ends, however it ends.
 *
 * @throws {AgentError} state_permissions – others may write in it.
 * @throws {AgentError} state_locked – another agent holds it.
 * @throws {AgentError} state_unreadable – it cannot be made, read or closed to others.
 */
export function openStateDir(path: string): StateDir {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    closeToOthers(path);
    const lock = lockFile(`${path}/agent.lock`, path);
    return { ...statePaths(path), [Symbol.dispose]: () => unlock(lock) };
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const message = `Cannot use "${path}" as state directory: ${messageOf(error)}`;
    throw new AgentError("state_unreadable", message, { cause: error });
  }
}

function closeToOthers(path: string): void {
  const { mode, isDirectory } = Deno.statSync(path);
  if (!isDirectory) {
    throw new AgentError(
      "state_unreadable",
      `Cannot use "${path}" as state directory: it is a file`,
    );
  }
  if (mode === null || Deno.build.os === "windows") return;
  if (mode & WRITABLE_BY_OTHERS) {
    throw new AgentError(
      "state_permissions",
      `Cannot use "${path}" as state directory: others may write in it (mode ${octal(mode)})`,
    );
  }
  if (mode & OPEN_TO_OTHERS) {
    Deno.chmodSync(path, 0o700);
    syncFolder(path);
  }
}

function lockFile(name: string, path: string): Deno.FsFile {
  const file = Deno.openSync(name, { create: true, write: true, mode: 0o600 });
  if (file.tryLockSync(true)) return file;
  file.close();
  throw new AgentError(
    "state_locked",
    `Cannot use "${path}" as state directory: an agent runs there`,
  );
}

/** Closing alone would leave the lock to a child that is just being made of this process. */
function unlock(file: Deno.FsFile): void {
  file.unlockSync();
  file.close();
}
