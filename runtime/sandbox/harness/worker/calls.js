// Calls on the agent, and documents that are read by them.

import { post } from "./output.js";

export const { stringify, parse } = JSON;

// Answers to calls on the agent, by call id. Ids follow each other: the agent counts along.
export const waiting = new Map();
let nextCall = 1;
// Long pieces are transferred: what is cloned lies about three times until the collector comes,
// and it comes late. Not short ones: the first transfer in a realm costs 6 ms.
const TRANSFERRED = 16 * 1024;
// A view is cloned with all that it is a view of.
const isWhole = (bytes) => bytes.length === bytes.buffer.byteLength;
// `ours`: the bytes may be given away.
export const tell = (task, method, params, bytes, ours = false) => {
  const id = nextCall;
  const body = !bytes || (isWhole(bytes) && (ours || bytes.length < TRANSFERRED))
    ? bytes
    : bytes.slice();
  const transfer = body?.length >= TRANSFERRED ? [body.buffer] : [];
  post({ t: "call", id, task, method, params: stringify(params), body }, transfer);
  return nextCall++;
};
export const call = (task, method, params, body, ours) =>
  new Promise((resolve, reject) => {
    waiting.set(tell(task, method, params, body, ours), { resolve, reject });
  });

// Below the agent's own bound: an answer that has arrived here still waits there until the pipe
// has told that it took it.
const MAX_WAITING = 48;
// Calls of one run in their turn: the agent ends a run that has more than 64 wait at once.
export const lender = (task) => {
  let free = MAX_WAITING;
  const turns = [];
  const lend = async (method, params, body, ours) => {
    if (free > 0) free--;
    else await new Promise((resolve) => turns.push(resolve));
    try {
      return await call(task, method, params, body, ours);
    } finally {
      if (turns.length > 0) turns.shift()();
      else free++;
    }
  };
  return Object.assign(lend, { task });
};

export const refusal = ({ code, message }) =>
  Object.assign(new Error(message), { name: "CapabilityError", code });
export const notLent = (what) => () =>
  Promise.reject(
    refusal({ code: "not_granted", message: `Cannot ${what} as no grant lends it` }),
  );

export const CHUNK = 256 * 1024;
// Streams of ours: what no script has read of them can be given away.
export const ours = new WeakSet();
export const oursNow = (stream) => {
  ours.add(stream);
  return stream;
};
// Bodies of requests, which the agent can take itself as far as nobody has read them.
export const unread = new WeakMap();
// A document that is read piece by piece, by calls, as it is taken.
export const document = (length, readAt) => ({
  stream(from = 0) {
    let offset = from;
    return oursNow(
      new ReadableStream({
        async pull(controller) {
          if (offset >= length) return controller.close();
          const { body } = await readAt(offset, Math.min(CHUNK, length - offset));
          offset += body.length;
          controller.enqueue(body);
          if (offset >= length) controller.close();
        },
      }, { highWaterMark: 0 }),
    );
  },
  async bytes() {
    return new Uint8Array(await new Response(this.stream()).arrayBuffer());
  },
});
