import { inflated } from "../../inflated.ts";
import type { Room } from "./room.ts";
import { LayoutError, type PdfDict, PdfName, type PdfValue } from "./syntax.ts";

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

/**
 * What a stream holds.
 *
 * @param get Finds what a value points to.
 * @throws {LayoutError} when it cannot be unpacked, or there is no room for it
 */
export async function unpack(
  { dict, packed }: PdfStream,
  room: Room,
  get: (value: PdfValue) => PdfObject = (value) => value,
): Promise<Uint8Array> {
  const said = get(dict.get("Filter") ?? null);
  const filters = (Array.isArray(said) ? said.slice(0, 2).map(get) : said === null ? [] : [said])
    .map((filter) => filter instanceof PdfName ? filter.text : "?");
  if (filters.length === 0) {
    room.spend(packed.length);
    return packed;
  }
  const [filter] = filters;
  const parms = get(dict.get("DecodeParms") ?? null);
  if (filters.length > 1 || filter !== "FlateDecode" && filter !== "Fl" || parms !== null) {
    throw new LayoutError(`it is packed in a way that is not read here: ${filters.join(", ")}`);
  }
  return await inflate(packed, room);
}

async function inflate(packed: Uint8Array, room: Room): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  try {
    for await (const chunk of inflated(ReadableStream.from([packed]), "deflate")) {
      room.spend(chunk.length);
      chunks.push(chunk as Uint8Array<ArrayBuffer>);
    }
  } catch (cause) {
    if (cause instanceof LayoutError) throw cause;
    throw new LayoutError("its packed parts cannot be read", { cause });
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
