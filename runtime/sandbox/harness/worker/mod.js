// Runs first inside the cell's worker, in the realm the script will share. Nothing here is a wall:
// the script may read, replace and break all of it, and harms only its own run. What must hold
// against a hostile script is checked by the agent (session.ts) and enforced by the process.
//
// source.ts joins the files of this folder into one module.

import {
  call,
  CHUNK,
  document,
  lender,
  notLent,
  ours,
  oursNow,
  parse,
  refusal,
  stringify,
  tell,
  unread,
  waiting,
} from "./calls.js";
import { describe } from "./failure.js";
import { log, post } from "./output.js";

let script;
let loading;
const load = async ({ source }) => {
  const blob = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    // Computed, so that every import the module makes is checked against the cell's own rights.
    const module = await import(blob);
    const { run, fetch } = module.default ?? {};
    if (typeof run !== "function" && typeof fetch !== "function") {
      throw new TypeError("the module's default export has no function `run` and no `fetch`");
    }
    script = module.default;
    post({ t: "loaded", blob });
  } catch (error) {
    post({ t: "load-error", blob, ...describe(error) });
  }
};

// The first import takes a millisecond, which is free until the module arrives.
const rehearse = async () => {
  const blob = URL.createObjectURL(new Blob(["export default {}"], { type: "text/javascript" }));
  await import(blob);
  URL.revokeObjectURL(blob);
};

// What runs and requests under way are told to stop by.
const aborters = new Map();
// What runs are told by that the agent is about to stop.
const leavers = new Map();
// Code that only some scripts need: it comes when it is needed first, by name.
const parts = {};
const contextFor = (id, { attachments, facts, offered }) => {
  const aborter = new AbortController();
  aborters.set(id, aborter);
  const lend = lender(id);
  const ctx = {
    signal: aborter.signal,
    log: {
      debug: (...args) => log("debug", args, id),
      info: (...args) => log("info", args, id),
      warn: (...args) => log("warn", args, id),
      error: (...args) => log("error", args, id),
    },
    attachments: attachments.map((about, index) => ({
      ...about,
      ...document(
        about.length,
        (offset, length) => lend("attachment.read", { index, offset, length }),
      ),
    })),
    ...facts,
    emit: (name, data) => post({ t: "event", id, name, data: stringify(data) ?? "null" }),
    schedule: notLent("schedule"),
    unschedule: notLent("unschedule"),
  };
  for (const [name, value] of Object.entries(offered)) {
    Object.assign(ctx, parts[name] ? parts[name](lend) : { [name]: value });
  }
  return ctx;
};

const attempt = async (id, work) => {
  await loading;
  if (script === undefined) return; // told as load-error
  try {
    post({ t: "result", id, result: stringify(await work()) ?? "null" });
  } catch (error) {
    post({ t: "error", id, ...describe(error) });
  }
  aborters.delete(id);
  leavers.delete(id);
};
const requireHalf = (name) => {
  if (typeof script[name] === "function") return;
  throw new TypeError(`the module's default export has no function \`${name}\``);
};
const run = ({ id, head, text }) => {
  const leaver = new AbortController();
  leavers.set(id, leaver);
  const ctx = Object.assign(contextFor(id, parse(head)), {
    leaving: leaver.signal,
    progress: (fraction, message) => post({ t: "progress", id, fraction, message }),
  });
  return attempt(id, () => {
    requireHalf("run");
    return script.run(parse(text), ctx);
  });
};
const answer = ({ id, head, body }) => {
  const about = parse(head);
  const ctx = contextFor(id, about);
  return attempt(id, () => {
    requireHalf("fetch");
    return parts.fetch(id, about, body, ctx, script);
  });
};

const evaluate = eval;
const tools = { call, tell, document, ours, oursNow, unread, CHUNK, parts };
self.onmessage = ({ data }) => {
  if (data.t === "run") run(data);
  else if (data.t === "fetch") answer(data);
  else if (data.t === "reply") {
    const caller = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.error === undefined) caller?.resolve(data);
    else caller?.reject(refusal(data.error));
  } else if (data.t === "abort") {
    aborters.get(data.id)?.abort(new DOMException(data.reason, "AbortError"));
  } else if (data.t === "leave") leavers.get(data.id)?.abort();
  else if (data.t === "load") loading = load(data);
  else if (data.t === "part") parts[data.name] = evaluate(data.source)(tools);
};
// Errors that no promise of the run carries: a throw in a timer, an unhandled rejection.
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  post({ t: "fault", ...describe(event.reason) });
});
self.addEventListener("error", (event) => {
  event.preventDefault();
  post({ t: "fault", ...describe(event.error ?? event.message) });
});
post({ t: "booted" });
rehearse();
