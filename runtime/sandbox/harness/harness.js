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

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const stdout = Deno.stdout;
const stdin = Deno.stdin;

let tag;
function send(kind, body) {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const frame = new Uint8Array(TAG_BYTES + HEADER_BYTES + bytes.length);
  frame.set(tag);
  frame[TAG_BYTES] = kind;
  new DataView(frame.buffer).setUint32(TAG_BYTES + 1, bytes.length);
  frame.set(bytes, TAG_BYTES + HEADER_BYTES);
  for (let sent = 0; sent < frame.length;) sent += stdout.writeSync(frame.subarray(sent));
}
const sendJson = (kind, value) => send(kind, JSON.stringify(value));
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
let beating = false;
let ticking = false;
function startBeating() {
  beating = true;
  if (!ticking) tick(FIRST_BEAT_MS);
}
function tick(ms) {
  ticking = true;
  AbortSignal.timeout(ms).onabort = () => {
    ticking = false;
    if (!beating) return;
    sendJson(FROM_CELL.BEAT, figures());
    tick(BEAT_MS);
  };
}
function stopBeating() {
  beating = false;
}
// The process is at its memory limit when not even a small buffer can be had.
function starved() {
  try {
    new ArrayBuffer(24_000_000);
    return false;
  } catch {
    return true;
  }
}

// -- the worker: every message is a stranger's ----------------------------------------------------

let worker;
let booted = false;
let runId;
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
      if (runId === undefined) stopBeating();
      return sendJson(FROM_CELL.LOADED, { blob: str(message.blob) });
    case "load-error":
    case "error":
    case "fault": {
      const load = message.t === "load-error";
      stopBeating();
      runId = undefined;
      return sendJson(load ? FROM_CELL.LOAD_ERROR : FROM_CELL.ERROR, {
        name: str(message.name),
        message: str(message.message),
        stack: str(message.stack),
        blob: str(message.blob),
        denied: message.denied === true,
        starved: starved(),
        ...figures(),
      });
    }
    case "result":
      if (message.id !== runId || typeof message.result !== "string") break;
      stopBeating();
      runId = undefined;
      return send(FROM_CELL.RESULT, JSON.stringify(figures()) + "\n" + message.result);
    case "exit":
      sendJson(FROM_CELL.BEAT, figures());
      return sendJson(FROM_CELL.EXIT, {
        code: typeof message.code === "number" ? message.code : 0,
      });
    case "log":
      return sendJson(FROM_CELL.LOG, { level: str(message.level), text: str(message.text) });
    case "progress":
      return sendJson(FROM_CELL.PROGRESS, {
        fraction: typeof message.fraction === "number" ? message.fraction : 0,
        message: str(message.message),
      });
    case "event":
      return sendJson(FROM_CELL.EVENT, { name: str(message.name), data: str(message.data) });
    case "call":
      return sendJson(FROM_CELL.CALL, {
        id: message.id,
        method: str(message.method),
        params: message.params,
      });
  }
  sendJson(FROM_CELL.VIOLATION, {
    message: "the script sent a message that is not of the protocol",
  });
}
function sayReady() {
  if (!booted || tag === undefined || waiting === undefined) return;
  sendJson(FROM_CELL.READY, figures());
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
    fromWorker({ t: "fault", name: "Error", message: event.message });
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
      startBeating();
      // Not transferred: the first transfer costs 6 ms, a copy of a megabyte 0.1.
      return toWorker({ t: "load", source: body.slice() });
    case TO_CELL.RUN: {
      startBeating();
      const text = decoder.decode(body);
      const split = text.indexOf("\n");
      runId = Number(text.slice(0, split));
      return toWorker({ t: "run", id: runId, text: text.slice(split + 1) });
    }
    case TO_CELL.ABORT:
      return toWorker({ t: "abort", reason: decoder.decode(body) });
    case TO_CELL.REPLY: {
      const split = body.indexOf(10);
      const { id, error } = JSON.parse(decoder.decode(body.subarray(0, split)));
      return toWorker({ t: "reply", id, error, body: body.slice(split + 1) });
    }
  }
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
