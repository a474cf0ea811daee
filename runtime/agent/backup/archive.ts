import type { DatabaseSync } from "node:sqlite";

/** Files are kept in pieces, as one row of SQLite is bounded. */
const PIECE_BYTES = 1 << 20;

/** Marks an archive: "WRIB". */
export const ARCHIVE_ID = 0x57524942;

/** A database of files. */
export const ARCHIVE_TABLES = `
PRAGMA application_id = ${ARCHIVE_ID};
CREATE TABLE archive_about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE archive_files (
  path TEXT NOT NULL,
  piece INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (path, piece)
) STRICT, WITHOUT ROWID;
`;

/** Puts a file or everything below a folder into the archive; what is not there is left out. */
export function archiveTree(db: DatabaseSync, folder: string, path: string): void {
  const full = `${folder}/${path}`;
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(full);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return; // removed by the agent that goes on running
    throw error;
  }
  if (info.isDirectory) {
    for (const { name } of Deno.readDirSync(full)) {
      if (name !== "incoming") archiveTree(db, folder, `${path}/${name}`);
    }
  } else if (info.isFile) archiveFile(db, full, path);
}

/** Puts one file into the archive under a name. */
export function archiveFile(db: DatabaseSync, full: string, path: string): void {
  using file = Deno.openSync(full, { read: true });
  const insert = db.prepare("INSERT INTO archive_files VALUES (?, ?, ?)");
  const buffer = new Uint8Array(PIECE_BYTES);
  for (let piece = 0;; piece++) {
    const length = fill(file, buffer);
    if (length > 0 || piece === 0) insert.run(path, piece, buffer.slice(0, length));
    if (length < PIECE_BYTES) return;
  }
}

function fill(file: Deno.FsFile, buffer: Uint8Array): number {
  let length = 0;
  while (length < buffer.length) {
    const count = file.readSync(buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  return length;
}

/** Names of archived files: below the folder they are put into, whoever wrote the archive. */
const SAFE_PATH = /^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\w./-]+$/;

/**
 * Writes every file of an archive, readable by its owner alone, and brings it to disk.
 *
 * @param place Where a file goes; `undefined` for one that such an archive does not hold.
 * @throws {RangeError} when a path leads out of the folder, or has no place
 */
export function unarchive(
  db: DatabaseSync,
  place: (path: string) => string | undefined,
): void {
  const rows = db.prepare("SELECT path, piece, bytes FROM archive_files ORDER BY path, piece");
  let open: { path: string; file: Deno.FsFile } | undefined;
  const close = () => {
    open?.file.syncSync();
    open?.file.close();
    open = undefined;
  };
  try {
    for (const row of rows.iterate()) {
      const [path, bytes] = [String(row.path), row.bytes as Uint8Array];
      const full = SAFE_PATH.test(path) ? place(path) : undefined;
      if (full === undefined) throw new RangeError(`Cannot restore a file named "${path}"`);
      if (open?.path !== path) {
        close();
        Deno.mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true, mode: 0o700 });
        open = { path, file: Deno.openSync(full, { write: true, createNew: true, mode: 0o600 }) };
      }
      for (let at = 0; at < bytes.length;) at += open.file.writeSync(bytes.subarray(at));
    }
  } finally {
    close();
  }
}
