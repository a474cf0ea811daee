import {
  BOUNDS,
  FIXED_OCTETS,
  GROUP,
  type IppAttributes,
  type IppData,
  type IppGroup,
  type IppMessage,
  IppSyntaxError,
  type IppValue,
  MOST_OCTETS,
  STRING_OCTETS,
  TAG,
} from "./message.ts";

/** Attributes that are being read, and the values of the last of them. */
type Open = { readonly attributes: IppAttributes; values?: IppValue[] };

/**
 * Reads a message. Text with a language becomes plain text.
 *
 * @returns the message, and where document data begins
 * @throws {IppSyntaxError} at what breaks RFC 8010 or one of {@link BOUNDS}
 */
export function decodeIpp(bytes: Uint8Array): { message: IppMessage; end: number } {
  const reader = new Reader(bytes);
  const version = reader.int16(), code = reader.int16(), requestId = reader.int32();
  const groups: IppGroup[] = [];
  const open: Open[] = [];
  for (let count = 0;;) {
    const tag = reader.byte();
    if (tag < 0x10) {
      reader.need(open.length <= 1, "a collection without end");
      if (tag === GROUP.end) {
        return { message: { version, code, requestId, groups }, end: reader.at };
      }
      reader.need(tag !== 0 && groups.length < BOUNDS.groups, "a reserved tag, or many groups");
      groups.push({ tag, attributes: new Map() });
      open.splice(0, 1, { attributes: groups.at(-1)!.attributes });
      continue;
    }
    reader.need(++count <= BOUNDS.values, `more than ${BOUNDS.values} values`);
    const name = reader.text(255), inside = open.at(-1);
    if (!inside) throw new IppSyntaxError(reader.at, "a value of no group");
    if (tag === TAG.endCollection || tag === TAG.member) {
      reader.need(open.length > 1 && name === "", "no collection is open");
      if (tag === TAG.member) begin(reader, inside, reader.text(255));
      else {
        reader.sized(0);
        open.pop();
      }
      continue;
    }
    if (name !== "") {
      reader.need(open.length === 1, "a name inside a collection");
      begin(reader, inside, name);
    }
    if (!inside.values) throw new IppSyntaxError(reader.at, "a value of no attribute");
    if (tag === TAG.collection) {
      reader.sized(0);
      reader.need(open.length <= BOUNDS.depth, "collections that nest too deep");
      const attributes: IppAttributes = new Map();
      inside.values.push({ tag, data: attributes });
      open.push({ attributes });
    } else inside.values.push(readValue(reader, tag));
  }
}

/** From here on, values are this attribute's. */
function begin(reader: Reader, inside: Open, name: string): void {
  const good = name !== "" && !inside.attributes.has(name);
  reader.need(good, `a misplaced ${JSON.stringify(name)}`);
  inside.values = [];
  inside.attributes.set(name, inside.values);
}

function readValue(reader: Reader, tag: number): IppValue {
  if (tag < 0x20) {
    // Out of band; whoever sends octets there means nothing by them, and RFC 8010 forbids them.
    reader.sized(0);
    return { tag, data: null };
  }
  if (tag === TAG.languageText || tag === TAG.languageName) {
    const stop = reader.int16() + reader.at;
    reader.text(63);
    const data = reader.text(1023);
    reader.need(reader.at === stop, "text with a language that is longer or shorter than it says");
    return { tag: tag === TAG.languageText ? TAG.text : TAG.name, data };
  }
  const most = STRING_OCTETS[tag - 0x41];
  return { tag, data: most ? reader.text(most) : readOctets(reader, tag) };
}

function readOctets(reader: Reader, tag: number): IppData {
  const raw = reader.sized(MOST_OCTETS), fixed = FIXED_OCTETS[tag] ?? raw.length;
  reader.need(raw.length === fixed, `${raw.length} octets where ${fixed} must stand`);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  if (tag === TAG.integer || tag === TAG.enum) return view.getInt32(0);
  if (tag === TAG.range) return [view.getInt32(0), view.getInt32(4)];
  if (tag !== TAG.boolean) return raw.slice();
  reader.need(raw[0]! < 2, "a boolean that is neither 0 nor 1");
  return raw[0] === 1;
}

/** Reads forward, and nothing past the end. */
class Reader {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  need(holds: boolean, found: string): void {
    if (!holds) throw new IppSyntaxError(this.at, found);
  }

  byte(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  int16(): number {
    return this.#view.getUint16(this.#skip(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#skip(4));
  }

  sized(most: number): Uint8Array {
    const length = this.int16();
    this.need(length <= most, `${length} octets where ${most} may stand`);
    return this.#bytes.subarray(this.#skip(length), this.at);
  }

  text(most: number): string {
    try {
      return STRICT_UTF8.decode(this.sized(most));
    } catch (error) {
      throw error instanceof IppSyntaxError ? error : new IppSyntaxError(this.at, "not UTF-8");
    }
  }

  #skip(octets: number): number {
    this.need(this.at + octets <= this.#bytes.length, "it ends too early");
    return (this.at += octets) - octets;
  }
}

const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
