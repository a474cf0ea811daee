import { IppSyntaxError } from "./message.ts";

/** The most octets of a request before its document. */
export const HEAD_BYTES = 256 << 10;

/** A request, cut where its document begins. */
export interface RequestHead {
  readonly head: Uint8Array<ArrayBuffer>;
  readonly document: ComingDocument;
}

/**
 * A document on its way in. Nobody holds its stream, so that the agent can keep what is left of a
 * request's body without passing it through here.
 */
export interface ComingDocument {
  /** What was read of it. */
  readonly first: Uint8Array;
  /** What comes after that. */
  readonly rest: ReadableStream<Uint8Array>;
}

/**
 * Reads as much of a body as its IPP message is long. Only lengths are looked at here, and each
 * once, however small the pieces that a slow client sends.
 *
 * @throws {IppSyntaxError} when it ends too early or is longer than {@link HEAD_BYTES}; `head` of
 * the error's cause are the octets that came
 */
export async function readHead(body: ReadableStream<Uint8Array> | null): Promise<RequestHead> {
  const rest = body ?? new Blob([]).stream();
  const reader = rest.getReader();
  let head = new Uint8Array(4096), length = 0, at = 8;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw incomplete(head.slice(0, length), "it ends too early");
    if (length + value.length > head.length) {
      const grown = new Uint8Array(2 * (length + value.length));
      grown.set(head);
      head = grown;
    }
    head.set(value, length);
    length += value.length;
    const scanned = scan(head, length, at);
    if (scanned.ended) {
      reader.releaseLock();
      const first = head.slice(scanned.at, length);
      return { head: head.slice(0, scanned.at), document: { first, rest } };
    }
    at = scanned.at;
    if (at > HEAD_BYTES) throw incomplete(head.slice(0, 8), "it is too long");
  }
}

function incomplete(head: Uint8Array, found: string): IppSyntaxError {
  return Object.assign(new IppSyntaxError(head.length, found), { cause: { head } });
}

/** Goes on from `at` over whole values; stops where one is not there yet. */
function scan(bytes: Uint8Array, length: number, at: number): { at: number; ended: boolean } {
  const int16 = (i: number) => bytes[i]! << 8 | bytes[i + 1]!;
  while (at < length && at <= HEAD_BYTES) {
    if (bytes[at] === 3) return { at: at + 1, ended: true };
    if (bytes[at]! < 0x10) {
      at++;
      continue;
    }
    if (at + 3 > length) break;
    const value = at + 3 + int16(at + 1);
    if (value + 2 > length) break;
    const next = value + 2 + int16(value);
    if (next > length) break;
    at = next;
  }
  return { at, ended: false };
}
