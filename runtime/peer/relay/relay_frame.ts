import * as v from "valibot";
import { PeerError } from "../errors.ts";

/** What an agent and its relay tell each other about one of the ways between them. */
export type RelayFrame =
  /** Somebody asks for a way; told by the relay. */
  | { readonly kind: "open"; readonly way: number }
  | { readonly kind: "close"; readonly way: number }
  /** What goes through, sealed for the other end. */
  | { readonly kind: "data"; readonly way: number; readonly bytes: Uint8Array };

const WAY_BYTES = 4;
const schema = v.strictObject({
  kind: v.picklist(["open", "close"]),
  way: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff)),
});

export function writeRelayFrame(frame: RelayFrame): string | Uint8Array {
  if (frame.kind !== "data") return JSON.stringify({ kind: frame.kind, way: frame.way });
  const bytes = new Uint8Array(WAY_BYTES + frame.bytes.length);
  new DataView(bytes.buffer).setUint32(0, frame.way);
  bytes.set(frame.bytes, WAY_BYTES);
  return bytes;
}

/** @throws {PeerError} bad_frame – it is none */
export function readRelayFrame(message: string | Uint8Array): RelayFrame {
  try {
    if (typeof message === "string") {
      if (message.length > 100) throw new RangeError("it is too long");
      return v.parse(schema, JSON.parse(message));
    }
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    return { kind: "data", way: view.getUint32(0), bytes: message.subarray(WAY_BYTES) };
  } catch (cause) {
    throw new PeerError("bad_frame", "Cannot read what a relay, or its agent, says", { cause });
  }
}
