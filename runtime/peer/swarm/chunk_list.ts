import * as v from "valibot";
import { canonicalBytes, parseCanonical } from "../../core/canonical_json.ts";
import { Digester, digestOf } from "../../core/digest.ts";
import { countSchema, type Digest, digestSchema } from "../../core/documents/common.ts";
import { PeerError } from "../errors.ts";

/** Smallest and largest chunk, bytes; every size between is a power of two. */
export const MIN_CHUNK_BYTES = 256 << 10;
export const MAX_CHUNK_BYTES = 16 << 20;
/** Chunks of one blob. */
export const MAX_CHUNKS = 2000;
/** A list of as many chunks as there may be, with room for its frame. */
export const MAX_LIST_BYTES = 160_000;
/** Chunks that a blob is cut into where its size allows it: enough for many to share the work. */
const WANTED_CHUNKS = 64;

const chunkListSchema = v.pipe(
  v.strictObject({
    /** Bytes of every chunk but the last. */
    chunkBytes: v.pipe(countSchema(MIN_CHUNK_BYTES), v.maxValue(MAX_CHUNK_BYTES)),
    /** Digest of each chunk, in order. */
    chunks: v.pipe(v.array(digestSchema), v.maxLength(MAX_CHUNKS)),
    /** Bytes of the whole blob. */
    length: countSchema(0),
    /** Digest of the whole blob. */
    sha256: digestSchema,
  }),
  v.check(({ chunkBytes }) => Number.isInteger(Math.log2(chunkBytes)), "must be a power of two"),
  v.check(
    ({ chunkBytes, chunks, length }) => chunks.length === Math.ceil(length / chunkBytes),
    "must have as many chunks as the length asks for",
  ),
);

/**
 * How a blob is cut. Named by the digest of its canonical JSON, which whoever wants the blob knows
 * from something signed: with it every chunk can be judged alone, from whomever it comes.
 */
export type ChunkList = v.InferOutput<typeof chunkListSchema>;

/** Bytes of the chunks that a blob of `length` bytes is cut into. */
export function chunkBytesFor(length: number): number {
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, length / WANTED_CHUNKS)));
  return Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, wanted));
}

/** Bytes of one chunk: the last may be shorter. */
export function chunkLength({ chunkBytes, length }: ChunkList, index: number): number {
  return Math.min(chunkBytes, length - index * chunkBytes);
}

/**
 * Cuts a blob: reads it once, from its beginning to its end.
 *
 * @param length Bytes that `body` will yield.
 * @throws {PeerError} bad_blob – `body` has another length, or is longer than can be cut
 */
export async function makeChunkList(
  body: ReadableStream<Uint8Array>,
  length: number,
): Promise<ChunkList> {
  const chunkBytes = chunkBytesFor(length);
  if (length > MAX_CHUNKS * chunkBytes) {
    throw new PeerError("bad_blob", `Cannot cut a blob as it is too long: ${length} bytes`);
  }
  const whole = new Digester();
  const chunks: Digest[] = [];
  let piece = new Digester();
  for await (let bytes of body) {
    whole.update(bytes);
    while (bytes.length > 0) {
      const part = bytes.subarray(0, chunkBytes - piece.length);
      piece.update(part);
      bytes = bytes.subarray(part.length);
      if (piece.length < chunkBytes) continue;
      chunks.push(piece.digest());
      piece = new Digester();
    }
  }
  if (piece.length > 0) chunks.push(piece.digest());
  if (whole.length !== length) {
    const found = `${whole.length} bytes in place of ${length}`;
    throw new PeerError("bad_blob", `Cannot cut a blob as its length changed: ${found}`);
  }
  return { chunkBytes, chunks, length, sha256: whole.digest() };
}

/** The list as it travels. */
export function chunkListBytes(list: ChunkList): Uint8Array {
  return canonicalBytes(list);
}

/**
 * Reads a list that came from a stranger: length, digest, canonical JSON, shape, in this order.
 *
 * @param id Digest that the list must have.
 * @throws {PeerError} bad_chunk_list – when any of that fails
 */
export function parseChunkList(bytes: Uint8Array, id: Digest): ChunkList {
  if (bytes.length > MAX_LIST_BYTES) throw badList(id, `it has ${bytes.length} bytes`);
  const found = digestOf(bytes);
  if (found !== id) throw badList(id, `its digest is ${found}`);
  try {
    return v.parse(chunkListSchema, parseCanonical(bytes));
  } catch (cause) {
    throw badList(id, (cause as Error).message, cause);
  }
}

function badList(id: Digest, found: string, cause?: unknown): PeerError {
  return new PeerError("bad_chunk_list", `Cannot take the chunk list ${id}: ${found}`, { cause });
}
