// Frames to the agent.

const encoder = new TextEncoder();
const stdout = Deno.stdout;
export const NOTHING = new Uint8Array(0);
// Long pieces of a body are given back at once, and transferred instead of cloned: the collector
// comes when a hundred megabytes of them lie about. Short ones are not: the first transfer in a
// process costs 6 ms.
export const LONG_BYTES = 16_384;

let tag;
// Nothing is sent before the agent has said what its frames are known by.
export const hasTag = () => tag !== undefined;
export function takeTag(bytes) {
  tag = bytes;
}
export function send(kind, text, bytes = NOTHING) {
  const head = encoder.encode(text);
  const length = head.length + bytes.length;
  const frame = new Uint8Array(TAG_BYTES + HEADER_BYTES + length);
  frame.set(tag);
  frame[TAG_BYTES] = kind;
  new DataView(frame.buffer).setUint32(TAG_BYTES + 1, length);
  frame.set(head, TAG_BYTES + HEADER_BYTES);
  frame.set(bytes, TAG_BYTES + HEADER_BYTES + head.length);
  for (let sent = 0; sent < frame.length;) sent += stdout.writeSync(frame.subarray(sent));
  drop(frame);
  drop(bytes);
}
function drop({ length, buffer }) {
  if (length >= LONG_BYTES && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
export const sendJson = (kind, value) => send(kind, JSON.stringify(value));
export const num = (x) => typeof x === "number" ? x : 0;
export const str = (x) => typeof x === "string" ? x : "";
