import type { Blobs, Store } from "writ";
import { CVD_HEADER_BYTES, parseCdiffVersion, parseCvdHeader } from "./cvd_header.ts";
import { type DatabaseFile, parseDatabaseFile } from "./database_file.ts";
import { FalseFile, OlderFile } from "./refusals.ts";

/** One file on the shelf. */
export interface ShelfFile {
  /** As mirrors call it: `daily.cvd`, `daily-3.cdiff`. */
  readonly name: string;
  readonly sha256: string;
  /** Bytes. */
  readonly length: number;
  /** Of a whole database, of an increment the one it leads to, of a list what was signed. */
  readonly version: number;
  /** When it was put here, milliseconds since 1970. */
  readonly modified: number;
  /** Digest of the chunk list by which other agents pull it; absent where it is not shared. */
  readonly list?: string;
  /** Whether the vendor's own tool was asked, or for a list the admin's signature. */
  readonly verified?: boolean;
  /** The admin's signature of a list. */
  readonly signature?: string;
  /** The first bytes of a whole database as a document of their own, for who needs no more. */
  readonly head?: Head;
  /** Whether those are all that is here of it. */
  readonly headOnly?: true;
}

/** The header of a database, by itself. */
export interface Head {
  readonly sha256: string;
  readonly list: string;
}

/** What is known of a file beside its content. */
export type ShelfNote = Pick<ShelfFile, "list" | "verified" | "signature" | "headOnly"> & {
  /** Of a list; the others tell their own. */
  readonly version?: number;
  /** Of the whole, where its header alone is put. */
  readonly length?: number;
};

const PREFIX = "file/";

/**
 * The files this agent has, each a blob, known by the names that mirrors give them. What is on the
 * shelf can be given on; whether a scanner should use it is judged elsewhere, by the vendor's tools.
 */
export class Shelf {
  readonly #store: Store;
  readonly #blobs: Blobs;

  constructor(store: Store, blobs: Blobs) {
    this.#store = store;
    this.#blobs = blobs;
  }

  /** Every file, by name. */
  async files(): Promise<ShelfFile[]> {
    const entries = await this.#store.list<ShelfFile>({ prefix: PREFIX });
    return entries.map(({ value }) => value);
  }

  async find(name: string): Promise<ShelfFile | undefined> {
    return await this.#store.get<ShelfFile>(PREFIX + name);
  }

  /**
   * Puts a blob on the shelf under a mirror's name, in place of an older one. A whole database of a
   * lower version, and an increment that leads elsewhere than its name says, stay outside. A header
   * alone proves no version: it keeps no whole database outside.
   *
   * @throws {FalseFile} when it is not what its name says
   * @throws {OlderFile} when the shelf has a newer one
   */
  async put(name: string, sha256: string, now: number, note: ShelfNote = {}): Promise<ShelfFile> {
    const kind = parseDatabaseFile(name);
    if (kind === undefined) {
      throw new FalseFile(`Cannot keep "${name}" as no mirror has such a file`);
    }
    const blob = await this.#blobs.get(sha256);
    if (blob === undefined) {
      throw new RangeError(`Cannot keep "${name}" as its content is not here`);
    }
    const beginning = await head(blob.stream());
    const version = versionOf(name, kind, beginning, note.version);
    const before = await this.find(name);
    const proves = !before?.headOnly || note.headOnly;
    if (before !== undefined && before.version > version && proves) {
      const found = `version ${version}, and version ${before.version} is here`;
      throw new OlderFile(`Cannot keep "${name}" as it is older: ${found}`);
    }
    const about = { ...note, name, sha256, version, modified: now };
    const file: ShelfFile = { ...about, length: note.length ?? blob.length };
    const shared = kind.kind === "whole" && note.list !== undefined;
    const whole = shared ? { ...file, head: await this.#headOf(file, beginning) } : file;
    await this.#store.set(PREFIX + name, whole);
    for (const old of before ? contentsOf(before) : []) await this.forget(old);
    return whole;
  }

  /** The header as a document of its own, offered to others. */
  async #headOf({ headOnly, sha256, list }: ShelfFile, beginning: Uint8Array): Promise<Head> {
    if (headOnly) return { sha256, list: list! };
    const kept = await this.#blobs.put(new Uint8Array(beginning));
    return { sha256: kept.sha256, ...await this.#blobs.share(kept.sha256) };
  }

  /** Takes increments off the shelf that only a machine long behind would ask for. */
  async trim(database: string, keep: number): Promise<void> {
    const increments = (await this.files()).filter(({ name }) => {
      const kind = parseDatabaseFile(name);
      return kind?.kind === "increment" && kind.database === database;
    }).sort((a, b) => b.version - a.version);
    for (const { name } of increments.slice(keep)) await this.remove(name);
  }

  /** Takes a file off the shelf. */
  async remove(name: string): Promise<void> {
    const file = await this.find(name);
    if (file === undefined) return;
    await this.#store.delete(PREFIX + name);
    for (const old of contentsOf(file)) await this.forget(old);
  }

  /** The content of a file, from some byte on. */
  async open(file: ShelfFile, offset = 0): Promise<ReadableStream<Uint8Array> | undefined> {
    return (await this.#blobs.get(file.sha256))?.stream(offset);
  }

  /** Deletes a blob that stands under no name any more. */
  async forget(sha256: string): Promise<void> {
    const others = await this.files();
    if (others.some((file) => contentsOf(file).includes(sha256))) return;
    await this.#blobs.delete(sha256);
  }
}

/** The blobs that a file is made of. */
function contentsOf({ sha256, head }: ShelfFile): string[] {
  return head && head.sha256 !== sha256 ? [sha256, head.sha256] : [sha256];
}

/** @throws {FalseFile} when the content is not of the kind that its name says */
function versionOf(name: string, kind: DatabaseFile, bytes: Uint8Array, told = 0): number {
  if (kind.kind === "list" || kind.kind === "signature") return told;
  try {
    if (kind.kind === "whole") return parseCvdHeader(bytes).version;
    const version = parseCdiffVersion(bytes);
    if (version === kind.version) return version;
    throw new SyntaxError(`it leads to version ${version}`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FalseFile(`Cannot keep "${name}" as it is something else: ${error.message}`);
  }
}

/** The first bytes of a stream, as many as a header has. */
async function head(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const bytes = new Uint8Array(CVD_HEADER_BYTES);
  let filled = 0;
  for await (const chunk of stream) {
    const part = chunk.subarray(0, bytes.length - filled);
    bytes.set(part, filled);
    filled += part.length;
    if (filled === bytes.length) break;
  }
  return bytes.subarray(0, filled);
}
