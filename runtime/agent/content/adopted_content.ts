import { Digester } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import { storageError, syncFolder } from "../state/durable_write.ts";
import { contentPath } from "./incoming_content.ts";

/** Read at a time. */
const PIECE_BYTES = 1 << 20;

/**
 * A whole file on the same disk, on its way into a folder of content: hashed where it lies, brought
 * to disk, then renamed to its digest. Nothing is copied; until `keep` it stays whose it was.
 */
export class AdoptedContent {
  readonly #folder: string;
  readonly #path: string;
  #digest: Digest | undefined;

  /** @param path Of a file that nobody changes any more. */
  constructor(folder: string, path: string) {
    this.#folder = folder;
    this.#path = path;
  }

  /**
   * @returns the digest and the length of what the file has.
   * @throws {AgentError} disk_full, state_unreadable – it cannot be read.
   */
  async end(): Promise<{ digest: Digest; length: number }> {
    const hash = new Digester();
    const piece = new Uint8Array(PIECE_BYTES);
    try {
      using file = await Deno.open(this.#path, { read: true });
      for (let count; (count = await file.read(piece)) !== null;) {
        hash.update(piece.subarray(0, count));
      }
    } catch (error) {
      throw storageError(error, this.#path);
    }
    return { digest: this.#digest = hash.digest(), length: hash.length };
  }

  /**
   * Brings the file to disk and gives it its name, in place of what has that.
   *
   * @throws {TypeError} it was not read to its end.
   * @throws {AgentError} disk_full, state_unreadable – it cannot be kept.
   */
  async keep(): Promise<void> {
    if (!this.#digest) throw new TypeError("Cannot keep a file that was not hashed");
    const path = contentPath(this.#folder, this.#digest);
    const folder = path.slice(0, path.lastIndexOf("/"));
    try {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
      syncFolder(this.#folder);
      using file = await Deno.open(this.#path, { read: true, write: true });
      await file.sync();
      Deno.renameSync(this.#path, path);
      syncFolder(folder);
    } catch (error) {
      throw storageError(error, path);
    }
  }

  /** Leaves it where it is. */
  abort(): void {}
}
