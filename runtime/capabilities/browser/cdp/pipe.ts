import type { Transport } from "./link.ts";

const END = 0;
/** A message of the browser's may have at most this many bytes; of a longer one only its head is read. */
const MAX_MESSAGE_BYTES = 64_000_000;
const HEAD_BYTES = 100;

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
 * Cuts a stream of bytes at its zero bytes. What a page has a browser say (`console.log`) may be of any
 * length: in place of an answer that is too long comes one that says so, in place of an event nothing.
 */
export async function* splitMessages(
  bytes: AsyncIterable<Uint8Array>,
  most = MAX_MESSAGE_BYTES,
): AsyncGenerator<string> {
  let message = new Message(most);
  for await (let chunk of bytes) {
    for (let end; (end = chunk.indexOf(END)) >= 0; chunk = chunk.subarray(end + 1)) {
      message.add(chunk.subarray(0, end));
      const { text } = message;
      if (text !== undefined) yield text;
      message = new Message(most);
    }
    message.add(chunk);
  }
}

/** What has come of a message. */
class Message {
  readonly #most: number;
  #parts: Uint8Array[] = [];
  #length = 0;
  #head: string | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  add(part: Uint8Array): void {
    if (this.#head !== undefined) return;
    this.#parts.push(part);
    this.#length += part.length;
    if (this.#length <= this.#most) return;
    this.#head = textOf(this.#parts.map((part) => part.subarray(0, HEAD_BYTES)));
    this.#parts = [];
  }

  get text(): string | undefined {
    if (this.#head === undefined) return textOf(this.#parts);
    const [, id] = /^\{"id":(\d+),/.exec(this.#head) ?? [];
    return id && `{"id":${id},"error":{"message":"the answer is too long"}}`;
  }
}

function textOf(parts: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
}
