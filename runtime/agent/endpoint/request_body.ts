import { Digester } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";

/**
 * Breaks off a body that has not the digest its signature covers. The script has read most of it by
 * then: its request ends as aborted.
 */
export function coveredBody(
  body: ReadableStream<Uint8Array>,
  digest: Digest,
): ReadableStream<Uint8Array> {
  const hash = new Digester();
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        hash.update(chunk);
        controller.enqueue(chunk);
      },
      flush(controller) {
        if (hash.digest() !== digest) {
          controller.error(new RangeError("Cannot take the body as it is not what was signed"));
        }
      },
    }),
  );
}
