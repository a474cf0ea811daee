// The worker, in which the script runs: every message is a stranger's.

import { figures, figuresWhenEmpty, starved, state } from "./heartbeat.js";
import { hasTag, NOTHING, num, send, sendJson, str } from "./send.js";

export let worker;
// What the end of the worker is told as: no message of the worker's own is this object.
let died;
let booted = false;
// What the agent sent before the worker had booted. It waits here until the agent has been told:
// a script that ends the process at once must not look like a cell that could not be started.
let waiting = [];
export function toWorker(message) {
  if (waiting) waiting.push(message);
  else worker.postMessage(message);
}
function fromWorker(message) {
  switch (message?.t) {
    case "booted":
      booted = true;
      return sayReady();
    case "loaded":
      state.loading = false;
      state.loaded = true;
      return sendJson(FROM_CELL.LOADED, { blob: str(message.blob) });
    case "load-error":
    case "error":
    case "fault": {
      const load = message.t === "load-error";
      if (load) state.underWay.clear();
      else state.underWay.delete(message.id);
      state.loading = false;
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
      if (!state.underWay.has(message.id) || typeof message.result !== "string") break;
      state.underWay.delete(message.id);
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
export function sayReady() {
  if (!booted || !hasTag() || waiting === undefined) return;
  sendJson(FROM_CELL.READY, figuresWhenEmpty());
  waiting.forEach((held) => worker.postMessage(held));
  waiting = undefined;
}
export function startWorker() {
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
