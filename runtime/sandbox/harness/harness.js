// The cell's main isolate: speaks frames with the agent, owns the worker, measures the process.
// The script never runs in this realm. Holds no descriptor but 0, 1 and 2, and no permission that
// the script does not hold. See frame.ts for the frame layout and cell.ts for the other side.
//
// source.ts prepends WORKER_URL, WORKER_PERMISSIONS and, from frame.ts, TAG_BYTES, HEADER_BYTES,
// TO_CELL and FROM_CELL.

// Nothing honest is longer: a module, an input, a chunk of an attachment.
const MAX_FRAME_BYTES = 32_000_000;
const BEAT_MS = 100;
const FIRST_BEAT_MS = 20;
// Of a cell with a script in it and nothing to do: what it does in the background is seen too.
const IDLE_BEAT_MS = 2_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const stdout = Deno.stdout;
const stdin = Deno.stdin;
const NOTHING = new Uint8Array(0);

let tag;
function send(kind, text, bytes = NOTHING) {
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
// Long pieces of a body are given back at once, and transferred instead of cloned: the collector
// comes when a hundred megabytes of them lie about. Short ones are not: the first transfer in a
// process costs 6 ms.
const LONG_BYTES = 16_384;
function drop({ length, buffer }) {
  if (length >= LONG_BYTES && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
const sendJson = (kind, value) => send(kind, JSON.stringify(value));
const num = (x) => typeof x === "number" ? x : 0;
const str = (x) => typeof x === "string" ? x : "";

// -- figures ------------------------------------------------------------------------------------

// Reading the memory costs more than a short call does; in a millisecond of processor time a
// script cannot fill more than some 16 MB.
const MEMORY_FRESH_US = 1000;
let rss = 0;
let rssAt = -Infinity;
function figures() {
  const { user, system } = Deno.cpuUsage();
  const cpu = user + system;
  if (cpu - rssAt >= MEMORY_FRESH_US) {
    rss = Deno.memoryUsage().rss;
    rssAt = cpu;
  }
  return { cpu, rss };
}
// No setTimeout: the first one in a process loads node:timers, which costs 10 ms.
const after = (ms, then) => AbortSignal.timeout(ms).onabort = then;
let loading = false;
let loaded = false;
const underWay = new Set();
const isBusy = () => loading || underWay.size > 0;
let ticking = false;
let idling = false;
function startBeating() {
  if (!ticking) tick(FIRST_BEAT_MS);
}
function tick(ms) {
  ticking = true;
  after(ms, () => {
    ticking = false;
    if (!isBusy()) return loaded && !idling && idle();
    sendJson(FROM_CELL.BEAT, figures());
    tick(BEAT_MS);
  });
}
function idle() {
  idling = true;
  after(IDLE_BEAT_MS, () => {
    idling = false;
    if (ticking) return;
    sendJson(FROM_CELL.BEAT, figures());
    idle();
  });
}
// The process is at its memory limit when not even a small buffer can be had. Where it has not
// grown, that is not asked: the buffer stays with the process, and a live one has many errors.
const STARVING_BYTES = 16_000_000;
let emptyRss = 0;
function starved(name) {
  if (name !== "RangeError" && figures().rss - emptyRss < STARVING_BYTES) return false;
  try {
    new ArrayBuffer(24_000_000).transfer(0);
    return false;
  } catch {
    return true;
  }
}

// -- the worker: every message is a stranger's ----------------------------------------------------

let worker;
// What the end of the worker is told as: no message of the worker's own is this object.
let died;
let booted = false;
// What the agent sent before the worker had booted. It waits here until the agent has been told:
// a script that ends the process at once must not look like a cell that could not be started.
let waiting = [];
function toWorker(message) {
  if (waiting) waiting.push(message);
  else worker.postMessage(message);
}
function fromWorker(message) {
  switch (message?.t) {
    case "booted":
      booted = true;
      return sayReady();
    case "loaded":
      loading = false;
      loaded = true;
      return sendJson(FROM_CELL.LOADED, { blob: str(message.blob) });
    case "load-error":
    case "error":
    case "fault": {
      const load = message.t === "load-error";
      if (load) underWay.clear();
      else underWay.delete(message.id);
      loading = false;
      return sendJson(load ? FROM_CELL.LOAD_ERROR : FROM_CELL.ERROR, {
        id: message.t === "error" ? message.id : 0,
        fatal: message === died,
        name: str(message.name),
        message: str(message.message),
        stack: str(message.stack),
        blob: str(message.blob),
        denied: message.denied === true,
        starved: starved(message.name),
        ...figures(),
      });
    }
    case "result":
      if (!underWay.has(message.id) || typeof message.result !== "string") break;
      underWay.delete(message.id);
      return send(
        FROM_CELL.RESULT,
        JSON.stringify({ id: message.id, ...figures() }) + "\n" + message.result,
      );
    case "exit":
      sendJson(FROM_CELL.BEAT, figures());
      return sendJson(FROM_CELL.EXIT, { code: num(message.code) });
    case "log": {
      const { id, level, text } = message;
      return sendJson(FROM_CELL.LOG, { id: num(id), level: str(level), text: str(text) });
    }
    case "progress": {
      const { id, fraction, message: words } = message;
      return sendJson(FROM_CELL.PROGRESS, {
        id: num(id),
        fraction: num(fraction),
        message: str(words),
      });
    }
    case "event": {
      const { id, name, data } = message;
      return sendJson(FROM_CELL.EVENT, { id: num(id), name: str(name), data: str(data) });
    }
    case "call": {
      const { id, task, method, params, body = NOTHING } = message;
      if (!(body instanceof Uint8Array)) break;
      const head = JSON.stringify({ id, task, method: str(method) });
      return send(FROM_CELL.CALL, `${head}\n${str(params)}\n`, body);
    }
  }
  sendJson(FROM_CELL.VIOLATION, {
    message: "the script sent a message that is not of the protocol",
  });
}
function sayReady() {
  if (!booted || tag === undefined || waiting === undefined) return;
  const empty = figures();
  emptyRss = empty.rss;
  sendJson(FROM_CELL.READY, empty);
  waiting.forEach((held) => worker.postMessage(held));
  waiting = undefined;
}
function startWorker() {
  worker = new Worker(WORKER_URL, {
    type: "module",
    name: "script",
    deno: { permissions: WORKER_PERMISSIONS },
  });
  worker.onmessage = ({ data }) => {
    try {
      fromWorker(data);
    } catch (error) {
      // What was cloned need not be JSON: a BigInt or a cycle would end the harness.
      if (!(error instanceof TypeError)) throw error;
      fromWorker(undefined);
    }
  };
  // An error that ends the worker: a throw while the boot code itself runs, or a closed realm.
  worker.onerror = (event) => {
    event.preventDefault();
    died = { t: "fault", name: "Error", message: event.message };
    fromWorker(died);
  };
  worker.onmessageerror = () => fromWorker(undefined);
}

// -- the agent ----------------------------------------------------------------------------------

function fromAgent(kind, body) {
  switch (kind) {
    case TO_CELL.TAG:
      tag = body.slice();
      return sayReady();
    case TO_CELL.LOAD:
      loading = true;
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
  underWay.add(message.id);
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
