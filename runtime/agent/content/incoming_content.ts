import { Digester, hexOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import { AgentError } from "../errors.ts";
import {
  removeQuietly,
  storageError,
  syncFolder,
  syncFolderAside,
} from "../state/durable_write.ts";

/** Where a folder of content keeps what has this digest. */
export function contentPath(folder: string, digest: Digest): string {
  const hex = hexOf(digest);
  return `${folder}/${hex.slice(0, 2)}/${hex}`;
}

/**
 * So much of a file is written and synced as the database commits: at once, in this thread. Each turn
 * of another thread costs more than that, and on a busy machine far more.
 */
const SHORT_BYTES = 2 << 20;

/** Of a long file, so much at a time comes to disk: its end waits for no more. */
const SYNC_BYTES = 64 << 20;

/**
 * A file on its way into a folder of content: hashed while it is written, fsynced, then renamed to
 * its digest, in this sequence: `write` …, `finish`, `place`; `abort` at any time before `place`.
 * Where something else tells what is whole, `end` and `keep` come instead, which wait for the disk
 * once.
 */
export class IncomingContent {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #temporary: string;
  readonly #hash = new Digester();
  readonly #file: Deno.FsFile;
  /** One write after another: what is hashed first must stand first. */
  #writing: Promise<void> = Promise.resolve();
  #digest: Digest | undefined;
  #finishing = false;
  #failure: { error: unknown } | undefined;
  #closed = false;
  #unsynced = 0;

  /** @throws {AgentError} disk_full, state_unreadable – no file can be made. */
  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#temporary = `${folder}/incoming/${crypto.randomUUID()}`;
    try {
      this.#file = Deno.openSync(this.#temporary, { write: true, createNew: true, mode: 0o600 });
    } catch (error) {
      throw storageError(error, this.#temporary);
    }
  }

  /**
   * Once `finish` was called there is no more: what came then would be in the digest and not in the
   * file.
   *
   * @param chunk Not to be changed before this resolves.
   * @throws {TypeError} it is being finished, or was aborted.
   * @throws {AgentError} blob_too_large – longer than this folder admits.
   * @throws {AgentError} disk_full, state_unreadable – it cannot be written.
   */
  write(chunk: Uint8Array): Promise<void> {
    if (this.#finishing || this.#closed) {
      return Promise.reject(new TypeError("Cannot write to a file that is finished"));
    }
    // Whoever shares its memory could change it between the digest and the file.
    const own = chunk.buffer instanceof ArrayBuffer ? chunk : chunk.slice();
    if (this.#hash.update(own).length > this.#maxBytes) {
      const message = `Cannot store a file as it is longer than ${this.#maxBytes} bytes`;
      return this.#failed(Promise.reject(new AgentError("blob_too_large", message)));
    }
    if (this.#hash.length <= SHORT_BYTES) {
      return this.#failed(Promise.try(() => this.#writeNow(own)));
    }
    const written = this.#failed(this.#writing.then(() => this.#write(own)));
    this.#writing = written.catch(() => {});
    return written;
  }

  /**
   * @returns the digest and the length of exactly what was written, which need not be on disk.
   * @throws {TypeError} it was ended before.
   * @throws whatever a write failed with.
   */
  async end(): Promise<{ digest: Digest; length: number }> {
    if (this.#finishing) throw new TypeError("Cannot finish a file twice");
    this.#finishing = true;
    await this.#writing;
    if (this.#failure) throw this.#failure.error;
    return { digest: this.#digest = this.#hash.digest(), length: this.#hash.length };
  }

  /**
   * Ends it, and brings what was written to disk.
   *
   * @returns the digest and the length of exactly what is on disk.
   * @throws {TypeError} it was ended before.
   * @throws {AgentError} disk_full, state_unreadable – it cannot be brought to disk.
   * @throws whatever a write failed with.
   */
  async finish(): Promise<{ digest: Digest; length: number }> {
    const ended = await this.end();
    try {
      if (ended.length <= SHORT_BYTES) this.#file.syncDataSync();
      else await this.#file.syncData();
    } catch (error) {
      throw storageError(error, this.#temporary);
    }
    this.#close();
    return ended;
  }

  /**
   * Gives it its name. What has that name and length stays and counts as new, so that nothing of
   * others is replaced.
   *
   * @param mends Replaces it all the same, as what is there may be spoilt.
   * @returns whether it was not there before.
   * @throws {AgentError} disk_full, state_unreadable – it cannot be given its name.
   */
  place(mends = false): boolean {
    const { path, folder } = this.#target();
    try {
      const there = this.#take(path, mends);
      if (there !== this.#hash.length || mends) syncFolder(folder);
      return there === undefined;
    } catch (error) {
      throw storageError(error, path);
    }
  }

  /**
   * Gives a file that was ended its name, and brings both to disk together, which costs a file
   * system with a journal as much as one. After a power cut the name may be there without the whole
   * content: for folders where something else tells which files are whole.
   *
   * @throws {AgentError} disk_full, state_unreadable – it cannot be kept; what is there may not be
   * whole.
   */
  async keep(): Promise<void> {
    const { path, folder } = this.#target();
    try {
      if (this.#take(path, false) !== this.#hash.length) {
        await Promise.all([this.#file.sync(), syncFolderAside(folder)]);
      }
      this.#close();
    } catch (error) {
      throw storageError(error, path);
    }
  }

  /** Where it goes; the folder is there then. */
  #target(): { path: string; folder: string } {
    if (!this.#digest) throw new TypeError("Cannot place a file that is not finished");
    const path = contentPath(this.#folder, this.#digest);
    const folder = path.slice(0, path.lastIndexOf("/"));
    try {
      if (!hasFolder(folder)) {
        Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
        syncFolder(this.#folder);
      }
    } catch (error) {
      throw storageError(error, path);
    }
    return { path, folder };
  }

  /** @returns the length of what had the name before; it has it still where that is the same. */
  #take(path: string, mends: boolean): number | undefined {
    const there = lengthOf(path);
    if (!mends && there === this.#hash.length) {
      Deno.utimeSync(path, new Date(), new Date());
      removeQuietly(this.#temporary);
    } else Deno.renameSync(this.#temporary, path);
    return there;
  }

  /** Removes what is there of it. After `place` there is nothing. */
  abort(): void {
    this.#close();
    removeQuietly(this.#temporary);
  }

  /** What failed once is not whole, whatever comes after. */
  #failed(writing: Promise<void>): Promise<void> {
    return writing.catch((error) => {
      this.#failure ??= { error };
      throw error;
    });
  }

  #writeNow(chunk: Uint8Array): void {
    try {
      for (let done = 0; done < chunk.length;) done += this.#file.writeSync(chunk.subarray(done));
    } catch (error) {
      throw storageError(error, this.#temporary);
    }
  }

  async #write(chunk: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < chunk.length;) done += await this.#file.write(chunk.subarray(done));
      this.#unsynced += chunk.length;
      if (this.#unsynced < SYNC_BYTES) return;
      this.#unsynced = 0;
      await this.#file.syncData();
    } catch (error) {
      throw storageError(error, this.#temporary);
    }
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
  }
}

/** One that is there would outlast a power cut: whoever made it, or found it at start, synced it. */
function hasFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function lengthOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
