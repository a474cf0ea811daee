import { packedIn } from "./packed_objects.ts";
import { Room } from "./room.ts";
import { scan } from "./scan.ts";
import { type PdfObject, PdfStream, unpack } from "./stream.ts";
import { LayoutError, type PdfDict, PdfName, PdfRef, type PdfValue } from "./syntax.ts";

/** What one entry of a list counts of all that is made: many pages may share a long one. */
const ENTRY_BYTES = 100;

/**
 * The objects of a PDF. They are found by reading on from the first to the last, as a document whose
 * table of them is wrong prints too.
 */
export class PdfDocument {
  readonly #objects: ReadonlyMap<number, PdfObject>;
  readonly root: PdfDict;
  readonly #room: Room;

  private constructor(
    objects: ReadonlyMap<number, PdfObject>,
    root: PdfDict,
    room: Room,
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
    const room = new Room();
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

  /**
   * The same, where it is a list.
   *
   * @throws {LayoutError} as {@linkcode spend} does
   */
  list(value: PdfValue | undefined): readonly PdfValue[] {
    const object = this.get(value);
    if (!Array.isArray(object)) return [];
    this.spend(object.length * ENTRY_BYTES);
    return object;
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
    this.#room.spend(bytes);
  }
}

function isOf(dict: PdfDict, type: string): boolean {
  const value = dict.get("Type");
  return value instanceof PdfName && value.text === type;
}

/** A stream whose length stands in another object. */
function shortened(stream: PdfStream, objects: ReadonlyMap<number, PdfObject>): PdfStream {
  const said = stream.dict.get("Length");
  const length = said instanceof PdfRef ? objects.get(said.number) : undefined;
  if (typeof length !== "number" || length > stream.packed.length) return stream;
  return new PdfStream(stream.dict, stream.packed.subarray(0, length));
}
