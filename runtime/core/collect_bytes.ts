/**
 * Reads a body of unknown length to its end, if that comes in time. At the first byte too many it
 * is cancelled, so an endless one costs no more than the limit.
 *
 * @param body Breaking off the loop over it must cancel it, as it does for a `ReadableStream`.
 * @param maxBytes The most it may have.
 * @returns all of it; `undefined` when it is longer.
 * @throws what the body breaks off with
 * @example
 * ```ts
 * import { collectBytes } from "./collect_bytes.ts";
 * import assert from "node:assert/strict";
 *
 * const body = () => new Blob(["four"]).stream();
 * assert.equal((await collectBytes(body(), 4))?.length, 4);
 * assert.equal(await collectBytes(body(), 3), undefined);
 * ```
 */
export async function collectBytes(
  body: AsyncIterable<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
