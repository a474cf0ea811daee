import { type PdfObject, PdfStream } from "./stream.ts";
import { type PdfDict, PdfReader } from "./syntax.ts";

/** Finds the objects of a file by reading on from its first octet to its last. */
export function scan(bytes: Uint8Array): { found: [number, PdfObject][]; trailers: PdfDict[] } {
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
