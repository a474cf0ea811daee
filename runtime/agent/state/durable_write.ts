import { AgentError, messageOf, storageCode } from "../errors.ts";

/**
 * Writes a small file so that a reader, or a machine that loses power, sees the old content or the
 * new one and never a part: temporary file, fsync, rename, fsync of the folder.
 *
 * @throws {AgentError} disk_full – no space is left; the old content stays.
 * @throws {AgentError} state_unreadable – the folder cannot be written.
 */
export function writeDurably(path: string, content: Uint8Array | string, mode = 0o600): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    {
      using file = Deno.openSync(temporary, { write: true, createNew: true, mode });
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      file.syncSync();
    }
    Deno.renameSync(temporary, path);
    syncFolder(path.slice(0, path.lastIndexOf("/")));
  } catch (error) {
    removeQuietly(temporary);
    throw storageError(error, path);
  }
}

/** Makes a rename in this folder survive a power cut. */
export function syncFolder(folder: string): void {
  // Windows cannot open a folder as a file; its renames are journalled.
  if (Deno.build.os === "windows") return;
  using handle = Deno.openSync(folder, { read: true });
  handle.syncSync();
}

/** As {@linkcode syncFolder}, while this thread does something else. */
export async function syncFolderAside(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using handle = await Deno.open(folder, { read: true });
  await handle.sync();
}

/** Removes a file that may not be there. */
export function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Nothing depends on it: temporary names are never read.
  }
}

/** What the file system said, as an error of the agent. */
export function storageError(error: unknown, path: string): AgentError {
  if (error instanceof AgentError) return error;
  const message = `Cannot write "${path}": ${messageOf(error)}`;
  return new AgentError(storageCode(error), message, { cause: error });
}
