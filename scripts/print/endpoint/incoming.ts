import { STATUS } from "../ipp/status.ts";
import type { ComingDocument } from "../ipp/request_head.ts";
import { formatOf, peek, streamOf } from "./format.ts";
import { IppRefusal } from "./refusal.ts";
import { OCTETS } from "./ticket.ts";
import { unpack } from "./unpack.ts";

/** A document on its way in, unpacked and known by its first bytes. */
export class IncomingDocument {
  readonly format: string;
  readonly content: ComingDocument;
  readonly #seen: Seen;

  private constructor(format: string, content: ComingDocument, seen: Seen) {
    this.format = format;
    this.content = content;
    this.#seen = seen;
  }

  get empty(): boolean {
    return this.content.first.length === 0;
  }

  /**
   * @param format As the client says; octets are looked at.
   * @param supported What the queue takes.
   * @throws {IppRefusal} formatNotSupported, compressionNotSupported, compressionError
   */
  static async open(
    document: ComingDocument,
    { format, compression, supported }: {
      format: string;
      compression: string;
      supported: readonly string[];
    },
  ): Promise<IncomingDocument> {
    const seen: Seen = {};
    const plain = compression === "none" ? document : unpacked(document, compression, seen);
    try {
      const content = await peek(plain);
      const found = format === OCTETS ? formatOf(content.first) ?? OCTETS : format;
      if (!supported.includes(found)) {
        await content.rest.cancel();
        throw new IppRefusal(STATUS.formatNotSupported, `the printer takes no ${found}`);
      }
      return new IncomingDocument(found, content, seen);
    } catch (error) {
      throw reasonOf(seen, error);
    }
  }

  /** Why the document did not come in, from what its reader was told. */
  reason(error: unknown): unknown {
    return reasonOf(this.#seen, error);
  }
}

/** Who broke off: the client, or the unpacking of what it sent. */
interface Seen {
  client?: { error: unknown };
  unpacking?: { error: unknown };
}

function unpacked(document: ComingDocument, compression: string, seen: Seen): ComingDocument {
  const packed = watch(streamOf(document), (error) => seen.client ??= { error });
  const rest = watch(unpack(packed, compression), (error) => seen.unpacking ??= { error });
  return { first: new Uint8Array(), rest };
}

function reasonOf(seen: Seen, error: unknown): unknown {
  if (seen.client) return seen.client.error;
  if (!seen.unpacking) return error;
  return new IppRefusal(STATUS.compressionError, "the document is no gzip, or not whole");
}

/** The same stream; `broken` hears of an error in it. */
function watch(
  stream: ReadableStream<Uint8Array>,
  broken: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        done ? controller.close() : controller.enqueue(value);
      } catch (error) {
        broken(error);
        throw error;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
