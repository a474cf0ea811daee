import { AgentError } from "../errors.ts";

/**
 * Reads a body of unknown length that must not be longer than `maxBytes`. At the first byte too
 * many the body is cancelled, so an endless one costs no more than the limit.
 *
 * @param name Says what is read, for the message.
 * @throws {AgentError} source_too_large – longer than `maxBytes`.
 */
export async function readBounded(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  name: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the body.
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new AgentError(
        "source_too_large",
        `Cannot read "${name}" as it is longer than ${maxBytes} bytes`,
      );
    }
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
