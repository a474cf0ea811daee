import { setImmediate } from "node:timers/promises";
import { digestOf } from "../../core/digest.ts";
import { PeerError } from "../errors.ts";
import { Bitfield } from "./bitfield.ts";
import { chunkLength, type ChunkList } from "./chunk_list.ts";

/** After so many bytes the disk is given to do what it would have to do at the end. */
const SYNC_BYTES = 8 << 20;

/**
 * A blob on its way to disk: one file of the blob's length, chunks written where they belong. What
 * a killed agent had is found again by hashing it, so that no note of it can lie.
 */
export class PartialBlob implements Disposable {
  readonly list: ChunkList;
  readonly have: Bitfield;
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #unsynced = 0;
  #isSyncing = false;

  private constructor(list: ChunkList, path: string, file: Deno.FsFile) {
    this.list = list;
    this.have = new Bitfield(list.chunks.length);
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens the file, or makes it, and keeps the chunks in it that are right.
   *
   * @throws {PeerError} disk_full – no space is left
   */
  static async open(list: ChunkList, path: string): Promise<PartialBlob> {
    const options = { read: true, write: true, create: true, mode: 0o600 };
    const partial = new PartialBlob(list, path, await Deno.open(path, options));
    try {
      await partial.#resume();
      return partial;
    } catch (error) {
      partial[Symbol.dispose]();
      throw diskError(error, path);
    }
  }

  /**
   * Judges a chunk and writes it.
   *
   * @throws {PeerError} bad_chunk – another length or digest than the list says; nothing is written
   * @throws {PeerError} disk_full – no space is left
   */
  put(index: number, bytes: Uint8Array): void {
    if (this.have.has(index)) return;
    if (!this.#isRight(index, bytes)) {
      throw new PeerError("bad_chunk", `Cannot take chunk ${index} of ${this.list.sha256}`);
    }
    try {
      // Seek and write without a pause between them, or another chunk would move the position.
      this.#file.seekSync(index * this.list.chunkBytes, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    } catch (error) {
      throw diskError(error, this.#path);
    }
    this.have.add(index);
    this.#unsynced += bytes.length;
    if (this.#unsynced >= SYNC_BYTES && !this.#isSyncing) void this.#sync();
  }

  /** A chunk that is there, for those who want it; `undefined` for one that is not. */
  read(index: number): Uint8Array<ArrayBuffer> | undefined {
    if (!this.have.has(index)) return undefined;
    return this.#readAt(index);
  }

  /** Closes the file, which stays for another time. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** By another descriptor, as this one is busy meanwhile. Whether it worked, the end tells. */
  async #sync(): Promise<void> {
    this.#unsynced = 0;
    this.#isSyncing = true;
    try {
      using file = await Deno.open(this.#path, { read: true });
      await file.syncData();
    } catch {
      // The download may be over, and the file elsewhere.
    } finally {
      this.#isSyncing = false;
    }
  }

  async #resume(): Promise<void> {
    const { size } = await this.#file.stat();
    const { chunkBytes, chunks, length } = this.list;
    // Chunks behind the end were never written.
    const written = Math.min(chunks.length, Math.ceil(size / chunkBytes));
    for (let index = 0; index < written; index++) {
      if (this.#isRight(index, this.#readAt(index))) this.have.add(index);
      // Gigabytes of them must not keep the agent from all else.
      await setImmediate();
    }
    if (size !== length) await this.#file.truncate(length);
  }

  #isRight(index: number, bytes: Uint8Array): boolean {
    return bytes.length === chunkLength(this.list, index) &&
      digestOf(bytes) === this.list.chunks[index];
  }

  #readAt(index: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(chunkLength(this.list, index));
    this.#file.seekSync(index * this.list.chunkBytes, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) {
      const count = this.#file.readSync(bytes.subarray(done));
      if (count === null) return bytes.subarray(0, done);
      done += count;
    }
    return bytes;
  }
}

function diskError(error: unknown, path: string): unknown {
  const full = error instanceof Error && /No space left|ENOSPC|File too large/.test(error.message);
  if (!full) return error;
  return new PeerError("disk_full", `Cannot write "${path}" as the disk is full`, { cause: error });
}
