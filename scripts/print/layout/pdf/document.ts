import { inflated } from "../../inflated.ts";
import { LayoutError, type PdfDict, PdfName, PdfReader, PdfRef, type PdfValue } from "./syntax.ts";

/** A stream's dictionary, and its octets as they are packed. */
export class PdfStream {
  readonly dict: PdfDict;
  readonly packed: Uint8Array;

  constructor(dict: PdfDict, packed: Uint8Array) {
    this.dict = dict;
    this.packed = packed;
  }
}

/** What stands under a number. */
export type PdfObject = PdfValue | PdfStream;

/** The most that is made of one document, however often it points to the same part of itself. */
const MADE_BYTES = 64_000_000;

/**
 * The objects of a PDF. They are found by reading on from the first to the last, as a document whose
 * table of them is wrong prints too.
 */
export class PdfDocument {
  readonly #objects: ReadonlyMap<number, PdfObject>;
  readonly root: PdfDict;
  readonly #room: { bytes: number };

  private constructor(
    objects: ReadonlyMap<number, PdfObject>,
    root: PdfDict,
    room: { bytes: number },
  ) {
    this.#objects = objects;
    this.root = root;
    this.#room = room;
  }

  /** @throws {LayoutError} when it is encrypted, or no PDF that can be read */
  static async read(bytes: Uint8Array): Promise<PdfDocument> {
    const { found, trailers } = scan(bytes);
    const first = new Map(found);
    const objects = new Map<number, PdfObject>();
    const room = { bytes: MADE_BYTES };
    for (const [number, object] of found) {
      const isTrailer = object instanceof PdfStream && isOf(object.dict, "XRef");
      if (isTrailer) trailers.push(object.dict);
      const cut = object instanceof PdfStream ? shortened(object, first) : object;
      objects.set(number, cut);
      if (!(cut instanceof PdfStream) || !isOf(cut.dict, "ObjStm")) continue;
      for (const [inner, value] of packedIn(cut, await unpack(cut, room), room)) {
        objects.set(inner, value);
      }
    }
    if (trailers.some((trailer) => trailer.has("Encrypt"))) {
      throw new LayoutError("it is encrypted");
    }
    const document = new PdfDocument(objects, new Map(), room);
    const root = trailers.map((trailer) => document.get(trailer.get("Root")))
      .findLast((value) => value instanceof Map);
    if (!root) throw new LayoutError("it is no PDF that can be read: it has no catalog");
    return new PdfDocument(objects, root, room);
  }

  /** The object that a value is, or where it points. */
  get(value: PdfValue | undefined): PdfObject {
    let object: PdfObject | undefined = value;
    for (let steps = 0; object instanceof PdfRef && steps < 16; steps++) {
      object = this.#objects.get(object.number);
    }
    return object === undefined || object instanceof PdfRef ? null : object;
  }

  /** The same, where it is a dictionary. */
  dict(value: PdfValue | undefined): PdfDict | undefined {
    const object = this.get(value);
    return object instanceof Map ? object : undefined;
  }

  /** The same, where it is a list. */
  list(value: PdfValue | undefined): readonly PdfValue[] {
    const object = this.get(value);
    return Array.isArray(object) ? object : [];
  }

  /** A list of so many numbers; `undefined` when it is none. */
  numbers(value: PdfValue | undefined, count: number): number[] | undefined {
    const list = this.list(value).map((one) => this.get(one));
    const numbers = list.filter((one) => typeof one === "number");
    return numbers.length === count && list.length === count ? numbers : undefined;
  }

  /**
   * What a stream holds.
   *
   * @throws {LayoutError} as {@linkcode spend} does, and when it cannot be unpacked
   */
  unpack(stream: PdfStream): Promise<Uint8Array> {
    return unpack(stream, this.#room, (value) => this.get(value));
  }

  /**
   * Counts what is made of the document.
   *
   * @throws {LayoutError} when it is too much
   */
  spend(bytes: number): void {
    spend(this.#room, bytes);
  }
}

function isOf(dict: PdfDict, type: string): boolean {
  const value = dict.get("Type");
  return value instanceof PdfName && value.text === type;
}

function scan(bytes: Uint8Array): { found: [number, PdfObject][]; trailers: PdfDict[] } {
  const reader = new PdfReader(bytes);
  const found: [number, PdfObject][] = [], trailers: PdfDict[] = [];
  let before = "", last = "";
  for (let word = reader.word(); word !== ""; word = reader.word()) {
    if (word === "obj" && /^\d+$/.test(before) && /^\d+$/.test(last)) {
      found.push([Number(before), objectAt(reader)]);
    } else if (word === "trailer") {
      const trailer = reader.value();
      if (trailer instanceof Map) trailers.push(trailer);
    }
    before = last;
    last = word;
  }
  return { found, trailers };
}

function objectAt(reader: PdfReader): PdfObject {
  const value = reader.value();
  const after = reader.at;
  if (!(value instanceof Map) || reader.word() !== "stream") {
    reader.at = after;
    return value;
  }
  const { bytes } = reader;
  if (bytes[reader.at] === 13) reader.at++;
  if (bytes[reader.at] === 10) reader.at++;
  const from = reader.at;
  const said = value.get("Length");
  const whole = typeof said === "number" && said >= 0 && endsAt(bytes, from + said);
  reader.at = whole ? from + said : endOf(bytes, from);
  return new PdfStream(value, bytes.subarray(from, reader.at));
}

const END = new TextEncoder().encode("endstream");
/** White space that may stand before it; more is not looked at, as all streams may point there. */
const SPACES = 8;

function endsAt(bytes: Uint8Array, at: number): boolean {
  let from = at;
  while (from < at + SPACES && from < bytes.length && bytes[from]! <= 32) from++;
  return END.every((byte, i) => bytes[from + i] === byte);
}

/** Where a stream ends that does not say how long it is: in front of the line that tells. */
function endOf(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(END[0]!, from);
  while (at >= 0 && !END.every((byte, i) => bytes[at + i] === byte)) {
    at = bytes.indexOf(END[0]!, at + 1);
  }
  if (at < 0) return bytes.length;
  if (bytes[at - 1] === 10) at--;
  if (bytes[at - 1] === 13) at--;
  return Math.max(from, at);
}

/** A stream whose length stands in another object. */
function shortened(stream: PdfStream, objects: ReadonlyMap<number, PdfObject>): PdfStream {
  const said = stream.dict.get("Length");
  const length = said instanceof PdfRef ? objects.get(said.number) : undefined;
  if (typeof length !== "number" || length > stream.packed.length) return stream;
  return new PdfStream(stream.dict, stream.packed.subarray(0, length));
}

/** The number of a packed object, and where it stands: "1 0 ", the last one without its space. */
const SHORTEST_ENTRY = 4;
/** What one packed object counts of all that is made, however short it is. */
const OBJECT_BYTES = 100;

/**
 * Objects that stand in one stream (ISO 32000-1, "Object Streams"). Each ends where the next one
 * begins, and is read once, whoever says that it stands there too.
 */
function packedIn(
  { dict }: PdfStream,
  bytes: Uint8Array,
  room: { bytes: number },
): [number, PdfValue][] {
  const count = Number(dict.get("N")), first = Number(dict.get("First"));
  const unreadable = new LayoutError("its packed objects cannot be read");
  if (!(count * SHORTEST_ENTRY <= Math.min(first, bytes.length) + 1)) throw unreadable;
  spend(room, count * OBJECT_BYTES);
  const head = new PdfReader(bytes);
  const places: { number: number; at: number }[] = [];
  for (let i = 0; i < count; i++) {
    const number = Number(head.word()), at = first + Number(head.word());
    if (!Number.isInteger(number + at)) throw unreadable;
    places.push({ number, at });
  }
  const values = new Map<number, PdfValue>();
  let end = bytes.length;
  for (const at of [...new Set(places.map(({ at }) => at))].sort((a, b) => b - a)) {
    values.set(at, new PdfReader(bytes.subarray(0, end), at).value());
    end = at;
  }
  return places.map(({ number, at }) => [number, values.get(at)!]);
}

async function unpack(
  { dict, packed }: PdfStream,
  room: { bytes: number },
  get: (value: PdfValue) => PdfObject = (value) => value,
): Promise<Uint8Array> {
  const said = get(dict.get("Filter") ?? null);
  const filters = (Array.isArray(said) ? said.map(get) : said === null ? [] : [said])
    .map((filter) => filter instanceof PdfName ? filter.text : "?");
  if (filters.length === 0) {
    spend(room, packed.length);
    return packed;
  }
  const [filter] = filters;
  const parms = get(dict.get("DecodeParms") ?? null);
  if (filters.length > 1 || filter !== "FlateDecode" && filter !== "Fl" || parms !== null) {
    throw new LayoutError(`it is packed in a way that is not read here: ${filters.join(", ")}`);
  }
  return await inflate(packed, room);
}

async function inflate(packed: Uint8Array, room: { bytes: number }): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  try {
    for await (const chunk of inflated(ReadableStream.from([packed]), "deflate")) {
      spend(room, chunk.length);
      chunks.push(chunk as Uint8Array<ArrayBuffer>);
    }
  } catch (cause) {
    if (cause instanceof LayoutError) throw cause;
    throw new LayoutError("its packed parts cannot be read", { cause });
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function spend(room: { bytes: number }, bytes: number): void {
  room.bytes -= bytes;
  if (room.bytes < 0) throw new LayoutError("too much would be made of it");
}
