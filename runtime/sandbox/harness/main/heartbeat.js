// What the agent is told of the process while something is under way, and of what is left of it.

import { sendJson } from "./send.js";

const BEAT_MS = 100;
const FIRST_BEAT_MS = 20;
// Of a cell with a script in it and nothing to do: what it does in the background is seen too.
const IDLE_BEAT_MS = 2_000;

export const state = { loading: false, loaded: false, underWay: new Set() };
// Reading the memory costs more than a short call does; in a millisecond of processor time a
// script cannot fill more than some 16 MB.
const MEMORY_FRESH_US = 1000;
let rss = 0;
let rssAt = -Infinity;
export function figures() {
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
const isBusy = () => state.loading || state.underWay.size > 0;
let ticking = false;
let idling = false;
export function startBeating() {
  if (!ticking) tick(FIRST_BEAT_MS);
}
export function tick(ms) {
  ticking = true;
  after(ms, () => {
    ticking = false;
    if (!isBusy()) return state.loaded && !idling && idle();
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
export function figuresWhenEmpty() {
  const empty = figures();
  emptyRss = empty.rss;
  return empty;
}
export function starved(name) {
  if (name !== "RangeError" && figures().rss - emptyRss < STARVING_BYTES) return false;
  try {
    new ArrayBuffer(24_000_000).transfer(0);
    return false;
  } catch {
    return true;
  }
}
