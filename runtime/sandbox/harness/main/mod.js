// The cell's main isolate: speaks frames with the agent, owns the worker, measures the process.
// The script never runs in this realm. Holds no descriptor but 0, 1 and 2, and no permission that
// the script does not hold. See frame.ts for the frame layout and cell.ts for the other side.
//
// source.ts joins the files of this folder into one module, and puts WORKER_URL,
// WORKER_PERMISSIONS and, from frame.ts, TAG_BYTES, HEADER_BYTES, TO_CELL and FROM_CELL in front.

import { figures, startBeating, state, tick } from "./heartbeat.js";
import { LONG_BYTES, sendJson, takeTag } from "./send.js";
import { sayReady, startWorker, toWorker, worker } from "./worker.js";

// Nothing honest is longer: a module, an input, a chunk of an attachment.
const MAX_FRAME_BYTES = 32_000_000;

const decoder = new TextDecoder();
const stdin = Deno.stdin;

function fromAgent(kind, body) {
  switch (kind) {
    case TO_CELL.TAG:
      takeTag(body.slice());
      return sayReady();
    case TO_CELL.LOAD:
      state.loading = true;
      startBeating();
      // Not transferred: the first transfer costs 6 ms, a copy of a megabyte 0.1.
      return toWorker({ t: "load", source: body.slice() });
    case TO_CELL.PART: {
      const [name, source] = lines(body, 1);
      return toWorker({ t: "part", name, source: decoder.decode(source) });
    }
    case TO_CELL.RUN: {
      const [id, head, input] = lines(body, 2);
      return begin({ t: "run", id: Number(id), head, text: decoder.decode(input) });
    }
    case TO_CELL.FETCH: {
      const [id, head, bytes] = lines(body, 2);
      return begin({ t: "fetch", id: Number(id), head, body: bytes.slice() });
    }
    case TO_CELL.ABORT: {
      const [id, reason] = lines(body, 1);
      return toWorker({ t: "abort", id: Number(id), reason: decoder.decode(reason) });
    }
    case TO_CELL.LEAVE:
      return toWorker({ t: "leave", id: Number(lines(body, 1)[0]) });
    case TO_CELL.REPLY: {
      const [head, bytes] = lines(body, 1);
      const piece = bytes.slice();
      const message = { t: "reply", ...JSON.parse(head), body: piece };
      return worker.postMessage(message, piece.length >= LONG_BYTES ? [piece.buffer] : []);
    }
  }
}
function begin(message) {
  state.underWay.add(message.id);
  startBeating();
  toWorker(message);
}
// The first lines of a frame as text, and the rest of it as bytes.
function lines(body, count) {
  const parts = [];
  for (let start = 0; parts.length < count;) {
    const end = body.indexOf(10, start);
    parts.push(decoder.decode(body.subarray(start, end)));
    start = end + 1;
    if (parts.length === count) parts.push(body.subarray(start));
  }
  return parts;
}

let buffer = new Uint8Array(64 * 1024);
let filled = 0;
function takeFrames() {
  let start = 0;
  while (filled - start >= HEADER_BYTES) {
    const view = new DataView(buffer.buffer, start);
    const length = view.getUint32(1);
    if (length > MAX_FRAME_BYTES) {
      sendJson(FROM_CELL.VIOLATION, {
        message: "a frame to the cell was cut: the script read stdin",
      });
      Deno.exit(1);
    }
    if (filled - start < HEADER_BYTES + length) {
      if (HEADER_BYTES + length > buffer.length) grow(HEADER_BYTES + length);
      break;
    }
    fromAgent(buffer[start], buffer.subarray(start + HEADER_BYTES, start + HEADER_BYTES + length));
    start += HEADER_BYTES + length;
  }
  buffer.copyWithin(0, start, filled);
  filled -= start;
}
function grow(size) {
  const larger = new Uint8Array(size);
  larger.set(buffer.subarray(0, filled));
  buffer = larger;
}
startWorker();
// The first of each takes up to a millisecond, which is free now: the worker is booting meanwhile.
tick(0);
worker.postMessage({ t: "rehearsal", source: buffer.slice(0, 1) });
figures();
while (true) {
  const count = await stdin.read(buffer.subarray(filled));
  if (count === null) Deno.exit(0);
  filled += count;
  takeFrames();
}
