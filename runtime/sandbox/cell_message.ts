import { parseHostileJson } from "../core/hostile_json.ts";
import { CALL_BOUNDS } from "./capability_host.ts";
import { type Frame, FROM_CELL } from "./frame.ts";
import type { RunEvent } from "./run_request.ts";
import type { ScriptFailure } from "./verdict.ts";

/** Memory and processor time of a cell's process, by its harness. */
export interface CellFigures {
  cpuMs: number;
  rssBytes: number;
}

/** One call of a script on the agent, as its worker wrote it. */
export interface ScriptCall {
  /** One more than that of the call before. */
  id: number;
  /** Of the run or request that it belongs to. */
  task: number;
  method: string;
  params: unknown;
  /** Not for longer than the frame. */
  body: Uint8Array;
  /** Of params and body, as they came. */
  bytes: number;
}

/** A frame from the cell, understood. Strings in it are the script's to choose, `task` as well. */
export type CellMessage =
  | { type: "ready" | "beat"; figures: CellFigures }
  | { type: "loaded"; blob: string }
  | { type: "result"; task: number; figures: CellFigures; text: string }
  | {
    type: "failure";
    /** 0 for a failure that belongs to no run or request. */
    task: number;
    figures: CellFigures;
    failure: ScriptFailure;
    blob: string;
    /** Of the module while it was loaded, or of the worker: there is no script any more. */
    fatal: boolean;
  }
  | { type: "event"; task: number; event: RunEvent; bytes: number }
  | { type: "call"; call: ScriptCall }
  | { type: "exit"; code: number }
  | { type: "violation"; message: string };

const LOG_LEVELS = new Set(["debug", "info", "warn", "error"]);
const NEWLINE = 10;
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a frame by its kind.
 *
 * @throws {SyntaxError} for a body that the harness never writes
 * @throws {RangeError} for one that nests too deep
 */
export function readMessage({ kind, body }: Frame): CellMessage {
  if (kind === FROM_CELL.RESULT) {
    const whole = decode(body);
    const split = whole.indexOf("\n");
    const head = objectFrom(JSON.parse(whole.slice(0, split)));
    const figures = readFigures(head);
    return { type: "result", task: number(head.id), figures, text: whole.slice(split + 1) };
  }
  if (kind === FROM_CELL.CALL) return { type: "call", call: readCall(body) };
  const message = objectFrom(parseHostileJson(decode(body)));
  switch (kind) {
    case FROM_CELL.READY:
      return { type: "ready", figures: readFigures(message) };
    case FROM_CELL.BEAT:
      return { type: "beat", figures: readFigures(message) };
    case FROM_CELL.LOADED:
      return { type: "loaded", blob: text(message.blob) };
    case FROM_CELL.LOAD_ERROR:
    case FROM_CELL.ERROR:
      return {
        type: "failure",
        task: number(message.id),
        figures: readFigures(message),
        failure: {
          name: text(message.name),
          message: text(message.message),
          stack: text(message.stack),
          denied: message.denied === true,
          starved: message.starved === true,
        },
        blob: text(message.blob),
        fatal: kind === FROM_CELL.LOAD_ERROR || message.fatal === true,
      };
    case FROM_CELL.LOG:
    case FROM_CELL.PROGRESS:
    case FROM_CELL.EVENT:
      return {
        type: "event",
        task: number(message.id),
        event: readEvent(kind, message),
        bytes: body.length,
      };
    case FROM_CELL.EXIT:
      return { type: "exit", code: number(message.code) | 0 };
    case FROM_CELL.VIOLATION:
      return { type: "violation", message: text(message.message) };
    default:
      throw new SyntaxError(`a frame of kind ${kind}`);
  }
}

function readCall(body: Uint8Array): ScriptCall {
  const first = body.indexOf(NEWLINE);
  const second = body.indexOf(NEWLINE, first + 1);
  if (first < 0 || second < 0) throw new SyntaxError("a call that is not of three parts");
  if (second - first > CALL_BOUNDS.paramsBytes) throw new RangeError("has too much to say");
  const { id, task, method } = objectFrom(parseHostileJson(decode(body.subarray(0, first))));
  if (!Number.isSafeInteger(id) || !Number.isSafeInteger(task)) {
    throw new SyntaxError("a call without an id");
  }
  const params = parseHostileJson(decode(body.subarray(first + 1, second)));
  const call = { id: id as number, task: task as number, method: text(method), params };
  if (body.length - second - 1 > CALL_BOUNDS.chunkBytes) throw new RangeError("brings too much");
  return { ...call, body: body.subarray(second + 1), bytes: body.length - first - 1 };
}

function readEvent(kind: number, message: Record<string, unknown>): RunEvent {
  if (kind === FROM_CELL.LOG) {
    const level = text(message.level);
    if (!LOG_LEVELS.has(level)) throw new SyntaxError("a log level that does not exist");
    return { type: "log", level: level as "info", text: text(message.text) };
  }
  if (kind === FROM_CELL.PROGRESS) {
    const fraction = Math.min(1, Math.max(0, number(message.fraction)));
    const words = text(message.message);
    return { type: "progress", fraction, ...(words ? { message: words } : {}) };
  }
  return { type: "event", name: text(message.name), data: parseHostileJson(text(message.data)) };
}

/** `cpu` in microseconds, `rss` in bytes. */
function readFigures({ cpu, rss }: Record<string, unknown>): CellFigures {
  return { cpuMs: number(cpu) / 1000, rssBytes: number(rss) };
}

function decode(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch (cause) {
    throw new SyntaxError("a frame that is not UTF-8", { cause });
  }
}

function objectFrom(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new SyntaxError("a frame that holds no object");
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
