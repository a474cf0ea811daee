/** How much is unpacked at once: deflate packs 1,032 octets into one at best, so 4 MB come of it. */
const PIECE_BYTES = 4_096;

/**
 * Unpacks while it is read, and never much at once. Of one long piece the engine would make all that
 * it holds in one go, in memory that nobody bounds: the whole cell would end with the one document.
 */
export function inflated(
  packed: ReadableStream<Uint8Array>,
  format: "gzip" | "deflate",
): ReadableStream<Uint8Array> {
  const pieces = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>({
    transform(piece, controller) {
      for (let at = 0; at < piece.length; at += PIECE_BYTES) {
        controller.enqueue(piece.subarray(at, at + PIECE_BYTES) as Uint8Array<ArrayBuffer>);
      }
    },
  });
  return packed.pipeThrough(pieces).pipeThrough(new DecompressionStream(format));
}
