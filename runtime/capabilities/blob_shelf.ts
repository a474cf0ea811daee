import type { Digest, ScriptName } from "../core/documents/common.ts";
import { CapabilityError } from "../sandbox/mod.ts";
import type { Database } from "./database.ts";
import { type IncomingFile, WriteBehind } from "./incoming_file.ts";

/** A file that is whole, on its way to a shelf. */
export type WholeFile = Omit<IncomingFile, "write">;

/** What a shelf needs of the agent: files named by the digest of their content. */
export interface BlobFiles {
  receive(): IncomingFile;
  /** Takes over a file of the agent's own, which is moved when it is kept. */
  adopt(path: string): WholeFile;
  open(digest: Digest): Promise<Deno.FsFile | undefined>;
  remove(digest: Digest): Promise<void>;
  digests(): AsyncIterable<Digest>;
}

/** One document of a script. */
export interface BlobEntry {
  readonly length: number;
  readonly mediaType: string;
}

/** What is known of a document before it comes. */
export interface BlobBounds {
  /** All documents of the script together. */
  readonly quotaBytes: number;
  readonly mediaType: string;
  /** The longest that this one may be. */
  readonly most?: number | undefined;
  /** What it must have, where that is known. */
  readonly sha256?: Digest;
}

/** A document that a script is putting. */
export interface BlobUpload {
  /**
   * @param bytes Given away.
   * @throws {CapabilityError} quota – with it the script would have more than its quota
   * @throws {CapabilityError} too_long – the document would be longer than was said
   */
  write(bytes: Uint8Array): Promise<void>;
  /** @param record Called in the transaction of the entry; what it throws keeps both away. */
  end(record?: (kept: KeptBlob) => void): Promise<KeptBlob>;
  abort(): void;
}

/** What was kept, and under which hash. */
export interface KeptBlob {
  readonly sha256: Digest;
  readonly length: number;
}

/**
 * The documents of all scripts. Each file is there once, whoever put it, and each script sees its
 * own alone. A crash leaves at most files that nobody owns, which {@linkcode sweep} removes: the
 * file is there before its entry, and its entry is gone before the file.
 */
export class BlobShelf {
  readonly #db: Database;
  readonly #files: BlobFiles;
  /** Bytes of unfinished uploads, by script. */
  readonly #pending = new Map<ScriptName, number>();
  /** Work on one file goes one after another: its last owner may leave as the next one comes. */
  readonly #turns = new Map<Digest, Promise<unknown>>();

  constructor(db: Database, files: BlobFiles) {
    this.#db = db;
    this.#files = files;
  }

  /** Removes files that a killed agent left without an owner. Call before anything else. */
  async sweep(): Promise<void> {
    for await (const digest of this.#files.digests()) {
      if (!this.#hasOwner(digest)) await this.#files.remove(digest);
    }
  }

  begin(script: ScriptName, { quotaBytes, mediaType, most = Infinity }: BlobBounds): BlobUpload {
    const file = this.#files.receive();
    let length = 0;
    let open = true;
    let pending = true;
    const behind = new WriteBehind(file);
    const leave = () => {
      open = false;
      if (!pending) return;
      pending = false;
      this.#pend(script, -length);
    };
    const requireOpen = () => {
      if (!open) throw new CapabilityError("not_found", "Cannot go on with what was ended");
    };
    return {
      write: async (bytes) => {
        requireOpen();
        this.#requireRoom(script, bytes.length, quotaBytes);
        if (length + bytes.length > most) {
          throw new CapabilityError(
            "too_long",
            `Cannot store it as it is longer than ${most} bytes`,
          );
        }
        length += bytes.length;
        this.#pend(script, bytes.length);
        await behind.write(bytes);
      },
      end: async (record) => {
        requireOpen();
        // What comes while the disk is waited for would be a part of nothing.
        open = false;
        try {
          await behind.settled();
          return await this.#keep(script, file, { mediaType, quotaBytes }, record);
        } catch (error) {
          file.abort();
          throw error;
        } finally {
          leave();
        }
      },
      abort: () => {
        // What is being ended has its own end.
        if (!open) return;
        leave();
        file.abort();
      },
    };
  }

  /**
   * Puts a whole file of the agent's own on the shelf: it is read once and moved, not copied.
   *
   * @throws {CapabilityError} quota – with it the script would have more than its quota
   * @throws {CapabilityError} failed – it has another digest
   */
  async adopt(
    script: ScriptName,
    path: string,
    bounds: BlobBounds & { readonly length: number },
  ): Promise<KeptBlob> {
    const { length, quotaBytes } = bounds;
    this.#requireRoom(script, length, quotaBytes);
    this.#pend(script, length);
    const file = this.#files.adopt(path);
    try {
      return await this.#keep(script, file, bounds);
    } catch (error) {
      file.abort();
      throw error;
    } finally {
      this.#pend(script, -length);
    }
  }

  find(script: ScriptName, sha256: Digest): BlobEntry | undefined {
    const row = this.#db
      .sql(
        "SELECT length, media_type AS mediaType FROM script_blobs WHERE script = ? AND sha256 = ?",
      )
      .get(script, sha256);
    return row as unknown as BlobEntry | undefined;
  }

  /** @returns exactly `length` bytes from `offset`, both inside the document. */
  async read(
    script: ScriptName,
    sha256: Digest,
    offset: number,
    length: number,
  ): Promise<Uint8Array> {
    using file = this.find(script, sha256) && await this.#files.open(sha256);
    if (!file) throw new CapabilityError("not_found", `Cannot find the document: ${sha256}`);
    const bytes = new Uint8Array(length);
    await file.seek(offset, Deno.SeekMode.Start);
    for (let done = 0; done < length;) {
      const count = await file.read(bytes.subarray(done));
      if (count === null) throw new Error(`the file of ${sha256} is cut off`);
      done += count;
    }
    return bytes;
  }

  /** @returns whether the script had it. */
  remove(script: ScriptName, sha256: Digest): Promise<boolean> {
    return this.#inTurn(sha256, async () => {
      const { changes } = await this.#db.write(() =>
        this.#db
          .sql("DELETE FROM script_blobs WHERE script = ? AND sha256 = ?")
          .run(script, sha256)
      );
      if (Number(changes) === 0) return false;
      if (!this.#hasOwner(sha256)) await this.#files.remove(sha256);
      return true;
    });
  }

  /** In the order of their digests. */
  list(
    script: ScriptName,
    after: Digest | undefined,
    limit: number,
  ): { sha256: Digest; length: number }[] {
    return this.#db
      .sql(
        `SELECT sha256, length FROM script_blobs WHERE script = ? AND sha256 > ?
         ORDER BY sha256 LIMIT ?`,
      )
      .all(script, after ?? "", limit) as unknown as { sha256: Digest; length: number }[];
  }

  async #keep(
    script: ScriptName,
    file: WholeFile,
    { mediaType, quotaBytes, sha256 }: BlobBounds,
    record?: (kept: KeptBlob) => void,
  ): Promise<KeptBlob> {
    const { digest, length } = await file.end();
    if (sha256 !== undefined && sha256 !== digest) {
      throw new CapabilityError("failed", `Cannot store it as it is not ${sha256}: ${digest}`);
    }
    const kept = { sha256: digest, length };
    return await this.#inTurn(digest, async () => {
      try {
        await file.keep();
        await this.#db.write(() => {
          this.#db
            .sql(
              `INSERT INTO script_blobs VALUES (?, ?, ?, ?)
               ON CONFLICT DO UPDATE SET media_type = excluded.media_type`,
            )
            .run(script, digest, length, mediaType);
          if (this.#used(script) > quotaBytes) {
            throw new CapabilityError(
              "quota",
              `Cannot store it as the quota is ${quotaBytes} bytes`,
            );
          }
          record?.(kept);
        });
      } catch (error) {
        if (!this.#hasOwner(digest)) await this.#files.remove(digest);
        throw error;
      }
      return kept;
    });
  }

  #hasOwner(digest: Digest): boolean {
    return this.#db.sql("SELECT 1 FROM script_blobs WHERE sha256 = ? LIMIT 1").get(digest) !==
      undefined;
  }

  #used(script: ScriptName): number {
    const row = this.#db.sql("SELECT bytes FROM script_blob_bytes WHERE script = ?").get(script);
    return (row?.bytes as number | undefined) ?? 0;
  }

  #requireRoom(script: ScriptName, bytes: number, quotaBytes: number): void {
    const wanted = this.#used(script) + (this.#pending.get(script) ?? 0) + bytes;
    if (wanted <= quotaBytes) return;
    throw new CapabilityError("quota", `Cannot store it as the quota is ${quotaBytes} bytes`);
  }

  #pend(script: ScriptName, bytes: number): void {
    const left = (this.#pending.get(script) ?? 0) + bytes;
    if (left > 0) this.#pending.set(script, left);
    else this.#pending.delete(script);
  }

  #inTurn<T>(digest: Digest, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(digest) ?? Promise.resolve()).then(work, work);
    const settled = turn.catch(() => {}).finally(() => {
      if (this.#turns.get(digest) === settled) this.#turns.delete(digest);
    });
    this.#turns.set(digest, settled);
    return turn;
  }
}
