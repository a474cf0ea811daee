import { Digester, hexOf } from "../core/digest.ts";
import type { Digest } from "../core/documents/common.ts";
import { AgentError, messageOf } from "./errors.ts";
import { removeQuietly, storageError, syncFolder } from "./state/durable_write.ts";

/**
 * Files named by the digest of their content, such as attached documents and cached modules.
 * A name appears only when the whole content is on disk and has that digest; what is found under a
 * name is still hashed again by whoever relies on it.
 */
export class ContentStore {
  readonly #folder: string;
  readonly #maxBytes: number;

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
    } catch (error) {
      throw storageError(error, folder);
    }
  }

  /** The length of what is stored under this digest, in bytes; `undefined` when nothing is. */
  async length(digest: Digest): Promise<number | undefined> {
    try {
      return (await Deno.stat(this.#path(digest))).size;
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
   * @throws {AgentError} blob_too_large – longer than this store admits.
   * @throws {AgentError} blob_mismatch – the content has another digest.
   * @throws {AgentError} blob_incomplete – the sender broke off.
   * @throws {AgentError} disk_full – no space is left; nothing is stored under the name.
   */
  async put(digest: Digest, body: ReadableStream<Uint8Array>): Promise<number> {
    const temporary = `${this.#folder}/incoming/${crypto.randomUUID()}`;
    try {
      const length = await this.#receive(temporary, digest, body);
      const path = this.#path(digest);
      const folder = path.slice(0, path.lastIndexOf("/"));
      Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
      Deno.renameSync(temporary, path);
      syncFolder(folder);
      syncFolder(this.#folder);
      return length;
    } catch (error) {
      removeQuietly(temporary);
      throw storageError(error, temporary);
    }
  }

  async #receive(
    path: string,
    digest: Digest,
    body: ReadableStream<Uint8Array>,
  ): Promise<number> {
    using file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
    const hash = new Digester();
    for await (const chunk of received(body, digest)) {
      if (hash.update(chunk).length > this.#maxBytes) {
        throw new AgentError(
          "blob_too_large",
          `Cannot store ${digest} as it is longer than ${this.#maxBytes} bytes`,
        );
      }
      for (let done = 0; done < chunk.length;) done += await file.write(chunk.subarray(done));
    }
    const found = hash.digest();
    if (found !== digest) {
      throw new AgentError("blob_mismatch", `Cannot store ${digest} as its content is ${found}`);
    }
    await file.syncData();
    return hash.length;
  }

  #path(digest: Digest): string {
    const hex = hexOf(digest);
    return `${this.#folder}/${hex.slice(0, 2)}/${hex}`;
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
