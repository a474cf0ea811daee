import * as v from "valibot";
import { type Digest, digestSchema, type ScriptName } from "../core/documents/common.ts";
import { CALL_BOUNDS, CapabilityError, type UnreadBody } from "../sandbox/mod.ts";
import type { BlobShelf, BlobUpload, KeptBlob } from "./blob_shelf.ts";
import { type Capability, type CapabilityCall, type Method, readParams } from "./capability.ts";
import { checksSchema, keySchema } from "./store.ts";
import { type StoreEntries, textOf } from "./store_entries.ts";

/** Bounds of what one run may do with its blobs. */
export const BLOB_LIMITS = {
  /** Uploads of one run that are not finished. */
  UPLOADS: 16,
  /** Entries in one answer; the rest is asked for again. */
  LIST: 1_000,
} as const;

const DEFAULT_MEDIA_TYPE = "application/octet-stream";

const mediaTypeSchema = v.optional(
  v.pipe(v.string(), v.maxLength(255), v.regex(/^[\x20-\x7e]+$/, "must be printable ASCII")),
  DEFAULT_MEDIA_TYPE,
);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const beginSchema = v.strictObject({ mediaType: mediaTypeSchema, most: v.optional(count) });
const recordSchema = v.strictObject({
  key: keySchema,
  value: v.looseObject({}),
  as: v.pipe(v.string(), v.maxLength(64)),
  checks: checksSchema,
});
const putSchema = v.strictObject({
  ...beginSchema.entries,
  rest: v.optional(v.boolean()),
  record: v.optional(recordSchema),
});
const uploadSchema = v.strictObject({ upload: count });
const endSchema = v.strictObject({ upload: count, record: v.optional(recordSchema) });
type BlobRecord = v.InferOutput<typeof recordSchema>;
const namedSchema = v.strictObject({ sha256: digestSchema });
const readSchema = v.strictObject({
  sha256: digestSchema,
  offset: count,
  length: v.pipe(count, v.maxValue(CALL_BOUNDS.chunkBytes)),
});
const listSchema = v.strictObject({ after: v.optional(digestSchema) });

/**
 * Documents of one script, named by their hash. What another script put is not there, also under
 * the same hash. A `put` resolves after the document and its entry are on disk.
 *
 * @param quotaBytes All documents together, unfinished ones included.
 * @param entries Of the script's store, when it has one.
 */
export function blobsCapability(
  shelf: BlobShelf,
  script: ScriptName,
  quotaBytes: number,
  entries?: StoreEntries,
): Capability {
  const blobs = new ScriptBlobs(shelf, script, quotaBytes, entries);
  return {
    name: "blobs",
    shown: {},
    methods: new Map<string, Method>([
      ["blobs.put", (call) => blobs.put(call)],
      ["blobs.begin", (call) => blobs.begin(call)],
      ["blobs.write", (call) => blobs.write(call)],
      ["blobs.end", (call) => blobs.end(call)],
      ["blobs.abort", (call) => blobs.abort(call)],
      ["blobs.stat", (call) => blobs.stat(call)],
      ["blobs.read", (call) => blobs.read(call)],
      ["blobs.delete", (call) => blobs.delete(call)],
      ["blobs.list", (call) => blobs.list(call)],
    ]),
  };
}

class ScriptBlobs {
  readonly #shelf: BlobShelf;
  readonly #script: ScriptName;
  readonly #quotaBytes: number;
  readonly #entries: StoreEntries | undefined;
  readonly #uploads = new Map<number, BlobUpload>();
  #lastUpload = 0;

  constructor(
    shelf: BlobShelf,
    script: ScriptName,
    quotaBytes: number,
    entries: StoreEntries | undefined,
  ) {
    this.#shelf = shelf;
    this.#script = script;
    this.#quotaBytes = quotaBytes;
    this.#entries = entries;
  }

  /** With `rest`, what the script has not read of its request comes after the body of the call. */
  async put({ params, body, signal, unread }: CapabilityCall) {
    const { mediaType, most, rest = false, record } = readParams(putSchema, params);
    const write = this.#recorder(record);
    if (rest && !unread) {
      throw new CapabilityError("invalid", "Cannot take the rest of a body that is not there");
    }
    const upload = this.#begin(mediaType, most);
    try {
      await upload.write(body);
      if (rest) await this.#takeRest(upload, unread!);
      signal.throwIfAborted();
      return { value: await upload.end(write) };
    } catch (error) {
      upload.abort();
      throw error;
    }
  }

  begin({ params, signal }: CapabilityCall) {
    const { mediaType, most } = readParams(beginSchema, params);
    if (this.#uploads.size >= BLOB_LIMITS.UPLOADS) {
      const message = `Cannot begin more than ${BLOB_LIMITS.UPLOADS} documents at once`;
      throw new CapabilityError("unavailable", message);
    }
    signal.throwIfAborted();
    const id = ++this.#lastUpload;
    const upload = this.#begin(mediaType, most);
    this.#uploads.set(id, upload);
    signal.addEventListener("abort", () => this.#drop(id));
    return { value: { upload: id } };
  }

  async write({ params, body }: CapabilityCall) {
    const { upload: id } = readParams(uploadSchema, params);
    try {
      await this.#upload(id).write(body);
    } catch (error) {
      this.#drop(id);
      throw error;
    }
    return {};
  }

  async end({ params }: CapabilityCall) {
    const { upload: id, record } = readParams(endSchema, params);
    try {
      return { value: await this.#upload(id).end(this.#recorder(record)) };
    } finally {
      this.#drop(id);
    }
  }

  abort({ params }: CapabilityCall) {
    this.#drop(readParams(uploadSchema, params).upload);
    return {};
  }

  stat({ params }: CapabilityCall) {
    const { sha256 } = readParams(namedSchema, params);
    return { value: this.#shelf.find(this.#script, sha256) ?? null };
  }

  async read({ params }: CapabilityCall) {
    const { sha256, offset, length } = readParams(readSchema, params);
    const entry = this.#shelf.find(this.#script, sha256);
    if (!entry) throw notFound(sha256);
    if (offset + length > entry.length) {
      throw new CapabilityError("invalid", "Cannot read outside the document");
    }
    return { body: await this.#shelf.read(this.#script, sha256, offset, length) };
  }

  async delete({ params }: CapabilityCall) {
    const { sha256 } = readParams(namedSchema, params);
    return { value: await this.#shelf.remove(this.#script, sha256) };
  }

  list({ params }: CapabilityCall) {
    const { after } = readParams(listSchema, params);
    const entries = this.#shelf.list(this.#script, after, BLOB_LIMITS.LIST + 1);
    const done = entries.length <= BLOB_LIMITS.LIST;
    return { value: { entries: entries.slice(0, BLOB_LIMITS.LIST), done } };
  }

  /** Writes the record of a document into the store, in the transaction that keeps both. */
  #recorder(record: BlobRecord | undefined): ((kept: KeptBlob) => void) | undefined {
    if (!record) return undefined;
    const entries = this.#entries;
    if (!entries) {
      throw new CapabilityError("not_granted", "Cannot record it as the grant lends no store");
    }
    const { key, value, as, checks = [] } = record;
    return (kept) => {
      const text = textOf({ ...value, [as]: kept });
      if (entries.bounded(() => entries.batch([{ key, text }], checks))) return;
      throw new CapabilityError("conflict", "Cannot record it as a check did not hold");
    };
  }

  #begin(mediaType: string, most: number | undefined): BlobUpload {
    return this.#shelf.begin(this.#script, { quotaBytes: this.#quotaBytes, mediaType, most });
  }

  /** Written at the pace of the disk, read at the pace of the client: little waits between them. */
  async #takeRest(upload: BlobUpload, unread: UnreadBody): Promise<void> {
    for (let piece; (piece = await unread.next());) await upload.write(piece);
  }

  #upload(id: number): BlobUpload {
    const upload = this.#uploads.get(id);
    if (upload) return upload;
    throw new CapabilityError("not_found", "Cannot go on with a document that was not begun");
  }

  #drop(id: number): void {
    this.#uploads.get(id)?.abort();
    this.#uploads.delete(id);
  }
}

/** What a script has not put there is not there. */
export function notFound(sha256: Digest): CapabilityError {
  return new CapabilityError("not_found", `Cannot find a document of this script: ${sha256}`);
}
