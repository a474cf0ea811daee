import {
  GROUP,
  type IppAttributes,
  type IppMessage,
  type IppValue,
  MOST_OCTETS,
  STRING_OCTETS,
  TAG,
} from "./message.ts";

const UTF8 = new TextEncoder();

/**
 * Writes a message; document data goes after it.
 *
 * @throws {RangeError} when a value does not fit its tag
 * @see RFC 8010, "Encoding of the Operation Layer"
 */
export function encodeIpp(message: IppMessage): Uint8Array<ArrayBuffer> {
  const out = new Writer();
  out.int32(message.version << 16 | message.code);
  out.int32(message.requestId);
  for (const { tag, attributes } of message.groups) {
    out.byte(tag);
    for (const [name, values] of attributes) writeAttribute(out, UTF8.encode(name), values);
  }
  out.byte(GROUP.end);
  return out.bytes();
}

function writeAttribute(out: Writer, name: Uint8Array, values: readonly IppValue[]): void {
  values.forEach((value, i) => {
    out.byte(value.tag);
    out.sized(i === 0 ? name : NOTHING, 255);
    writeValue(out, value);
  });
}

function writeValue(out: Writer, { tag, data }: IppValue): void {
  if (typeof data === "string") {
    out.sized(UTF8.encode(data), STRING_OCTETS[tag - 0x41] ?? (tag < 0x40 ? MOST_OCTETS : 0));
  } else if (typeof data === "boolean") out.sized([Number(data)], 1);
  else if (typeof data === "number") {
    out.int16(4);
    out.int32(data);
  } else if (data instanceof Uint8Array) out.sized(data, MOST_OCTETS);
  else if (data instanceof Map) {
    out.int16(0);
    writeMembers(out, data);
  } else if (data === null) out.int16(0);
  else {
    out.int16(8);
    data.forEach((n) => out.int32(n));
  }
}

/** The members of a collection, which stand after it as attributes without names of their own. */
function writeMembers(out: Writer, members: IppAttributes): void {
  for (const [name, values] of members) {
    out.byte(TAG.member);
    out.int16(0);
    out.sized(UTF8.encode(name), 255);
    writeAttribute(out, NOTHING, values);
  }
  out.byte(TAG.endCollection);
  out.int32(0);
}

const NOTHING = new Uint8Array();

/** Bytes that grow. */
class Writer {
  #bytes = new Uint8Array(1024);
  #length = 0;

  byte(n: number): void {
    this.#room(1)[this.#length++] = n;
  }

  int16(n: number): void {
    this.byte(n >> 8);
    this.byte(n & 255);
  }

  int32(n: number): void {
    if (n !== (n | 0)) throw new RangeError(`${n} is not a 32-bit integer`);
    this.int16(n >>> 16);
    this.int16(n & 0xffff);
  }

  sized(bytes: ArrayLike<number>, most: number): void {
    if (bytes.length > most) throw new RangeError(`${bytes.length} octets, at most ${most} fit`);
    this.int16(bytes.length);
    this.#room(bytes.length).set(bytes, this.#length);
    this.#length += bytes.length;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #room(more: number): Uint8Array<ArrayBuffer> {
    if (this.#length + more > this.#bytes.length) {
      const grown = new Uint8Array(2 * (this.#length + more));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return this.#bytes;
  }
}
