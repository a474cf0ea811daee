import type { Transport } from "./link.ts";

const END = 0;
/** A message of the browser's may have at most this many bytes; a longer one ends the link. */
const MAX_MESSAGE_BYTES = 64_000_000;

/** Messages over a child's stdin and stdout, each ended by a zero byte. */
export function pipeTransport(child: Deno.ChildProcess): Transport {
  const encoder = new TextEncoder();
  const writer = child.stdin.getWriter();
  return {
    send(message) {
      // That the browser is gone is told by the messages' end.
      writer.write(encoder.encode(`${message}\0`)).catch(() => {});
    },
    messages: splitMessages(child.stdout),
    close() {
      writer.close().catch(() => {});
    },
  };
}

/**
 * Cuts a stream of bytes at its zero bytes.
 *
 * @throws {RangeError} for a message that is too long
 */
export async function* splitMessages(
  bytes: AsyncIterable<Uint8Array>,
  most = MAX_MESSAGE_BYTES,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun: Uint8Array[] = [];
  let length = 0;
  for await (let chunk of bytes) {
    for (let end; (end = chunk.indexOf(END)) >= 0; chunk = chunk.subarray(end + 1)) {
      begun.push(chunk.subarray(0, end));
      yield begun.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
      begun = [];
      length = 0;
    }
    length += chunk.length;
    if (length > most) throw new RangeError(`a message has more than ${most} bytes`);
    begun.push(chunk);
  }
}
