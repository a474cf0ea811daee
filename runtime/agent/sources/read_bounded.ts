import { collectBytes } from "../../core/collect_bytes.ts";
import { AgentError } from "../errors.ts";

/**
 * Reads a body of unknown length that must not be longer than `maxBytes`.
 *
 * @param name Says what is read, for the message.
 * @throws {AgentError} source_too_large – longer than `maxBytes`.
 */
export async function readBounded(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  name: string,
): Promise<Uint8Array> {
  const bytes = await collectBytes(body, maxBytes);
  if (bytes) return bytes;
  throw new AgentError(
    "source_too_large",
    `Cannot read "${name}" as it is longer than ${maxBytes} bytes`,
  );
}
