import type { Digest } from "../../core/documents/common.ts";
import { AgentError, messageOf } from "../errors.ts";
import { AdoptedContent } from "./adopted_content.ts";
import { contentPath, IncomingContent } from "./incoming_content.ts";
import { removeQuietly, storageError, syncFolder } from "../state/durable_write.ts";

/** Knows how much more may be stored. */
export interface Room {
  /** So many bytes were stored or, when negative, removed. */
  grow(bytes: number): void;
  /** Throws when no more may be stored; absent where that never is so. */
  requireRoom?(): void;
}

/**
 * Files named by the digest of their content, such as attached documents and cached modules.
 * A name appears only when the whole content is on disk and has that digest; what is found under a
 * name is still hashed again by whoever relies on it.
 */
export class ContentStore {
  readonly #folder: string;
  readonly #maxBytes: number;
  /** When something was last asked for; what is needed is asked for first. */
  readonly #used = new Map<Digest, number>();
  #room: Room | undefined;

  /**
   * Makes the folder, and removes what a killed agent left half-written.
   *
   * @throws {AgentError} state_unreadable, disk_full – the folder cannot be made.
   */
  constructor(folder: string, maxBytes: number) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    try {
      Deno.mkdirSync(`${folder}/incoming`, { recursive: true, mode: 0o700 });
      for (const { name } of Deno.readDirSync(`${folder}/incoming`)) {
        removeQuietly(`${folder}/incoming/${name}`);
      }
      // Of folders that a killed agent had just made.
      syncFolder(folder);
    } catch (error) {
      throw storageError(error, folder);
    }
  }

  /** Asks and tells `room` from now on. */
  growWithin(room: Room): void {
    this.#room = room;
  }

  /** The length of what is stored under this digest, in bytes; `undefined` when nothing is. */
  async length(digest: Digest): Promise<number | undefined> {
    try {
      const { size } = await Deno.stat(this.#path(digest));
      this.#used.set(digest, Date.now());
      return size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw storageError(error, this.#path(digest));
    }
  }

  /** Opens what is stored; the caller closes it. `undefined` when nothing is. */
  async open(digest: Digest): Promise<Deno.FsFile | undefined> {
    try {
      return await Deno.open(this.#path(digest), { read: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw storageError(error, this.#path(digest));
    }
  }

  /**
   * Stores a stream under its digest: hashed while it is written, fsynced, then renamed into place.
   *
   * @param digest What the content must have.
   * @param body Read to its end, or cancelled at the first byte too many.
   * @returns the length in bytes.
   * @throws {AgentError} state_full – no more may be stored.
   * @throws {AgentError} blob_too_large – longer than this store admits.
   * @throws {AgentError} blob_mismatch – the content has another digest.
   * @throws {AgentError} blob_incomplete – the sender broke off.
   * @throws {AgentError} disk_full – no space is left; nothing is stored under the name.
   */
  async put(digest: Digest, body: ReadableStream<Uint8Array>): Promise<number> {
    this.#room?.requireRoom?.();
    const file = this.receive();
    try {
      for await (const chunk of received(body, digest)) await file.write(chunk);
      const { digest: found, length } = await file.finish();
      if (found !== digest) {
        throw new AgentError("blob_mismatch", `Cannot store ${digest} as its content is ${found}`);
      }
      if (file.place(true)) this.#room?.grow(length);
      return length;
    } catch (error) {
      file.abort();
      throw error;
    }
  }

  /** Takes a file piece by piece whose digest is known only at its end. */
  receive(): IncomingContent {
    return new IncomingContent(this.#folder, this.#maxBytes);
  }

  /** Takes over a whole file, which must lie on the same disk, without copying it. */
  adopt(path: string): AdoptedContent {
    return new AdoptedContent(this.#folder, path);
  }

  /** Removes what is stored under this digest, if anything is. */
  async remove(digest: Digest): Promise<void> {
    try {
      await Deno.remove(this.#path(digest));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw storageError(error, this.#path(digest));
    }
  }

  /**
   * Removes what was neither stored nor asked for since a time. Nothing can happen in between.
   *
   * @param before By the local clock, milliseconds since the epoch.
   * @returns the bytes that were freed, 0 when it stays.
   */
  removeUnused(digest: Digest, before: number): number {
    if ((this.#used.get(digest) ?? 0) >= before) return 0;
    const path = this.#path(digest);
    try {
      const { size, mtime } = Deno.statSync(path);
      if (mtime !== null && mtime.getTime() >= before) return 0;
      Deno.removeSync(path);
      this.#used.delete(digest);
      this.#room?.grow(-size);
      return size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return 0;
      throw storageError(error, path);
    }
  }

  /** The digests of all that is stored, in no order. */
  async *digests(): AsyncGenerator<Digest> {
    for await (const { name: folder } of Deno.readDir(this.#folder)) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue;
      for await (const { name } of Deno.readDir(`${this.#folder}/${folder}`)) {
        if (/^[0-9a-f]{64}$/.test(name)) yield `sha256:${name}`;
      }
    }
  }

  #path(digest: Digest): string {
    return contentPath(this.#folder, digest);
  }
}

/** Tells a sender that broke off from a disk that failed. */
async function* received(
  body: ReadableStream<Uint8Array>,
  digest: Digest,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    while (true) {
      const { value, done } = await chunks.next().catch((cause) => {
        const found = `its sender broke off: ${messageOf(cause)}`;
        throw new AgentError("blob_incomplete", `Cannot store ${digest} as ${found}`, { cause });
      });
      if (done) return;
      yield value;
    }
  } finally {
    await chunks.return?.();
  }
}
