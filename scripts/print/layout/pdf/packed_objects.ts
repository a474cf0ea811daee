import type { Room } from "./room.ts";
import type { PdfStream } from "./stream.ts";
import { LayoutError, PdfReader, type PdfValue } from "./syntax.ts";

/** The number of a packed object, and where it stands: "1 0 ", the last one without its space. */
const SHORTEST_ENTRY = 4;
/** What one packed object counts of all that is made, however short it is. */
const OBJECT_BYTES = 100;

/**
 * Objects that stand in one stream (ISO 32000-1, "Object Streams"). Each ends where the next one
 * begins, and is read once, whoever says that it stands there too.
 *
 * @throws {LayoutError} when they cannot be read, or are too many
 */
export function packedIn(
  { dict }: PdfStream,
  bytes: Uint8Array,
  room: Room,
): [number, PdfValue][] {
  const count = Number(dict.get("N")), first = Number(dict.get("First"));
  const unreadable = new LayoutError("its packed objects cannot be read");
  const most = (Math.min(first, bytes.length) + 1) / SHORTEST_ENTRY;
  if (!Number.isInteger(count) || count < 0 || !(count <= most)) throw unreadable;
  room.spend(count * OBJECT_BYTES);
  const head = new PdfReader(bytes);
  const places: { number: number; at: number }[] = [];
  for (let i = 0; i < count; i++) {
    const number = Number(head.word()), at = first + Number(head.word());
    // From far before the beginning a reader would not come to the first octet for hours.
    if (!Number.isInteger(number + at) || at < first) throw unreadable;
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
