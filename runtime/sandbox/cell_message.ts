import { type Frame, FROM_CELL } from "./frame.ts";
import { parseHostileJson } from "./hostile_json.ts";
import type { RunEvent } from "./run_request.ts";
import type { ScriptFailure } from "./verdict.ts";

/** Memory and processor time of a cell's process, by its harness. */
export interface CellFigures {
  cpuMs: number;
  rssBytes: number;
}

/** A frame from the cell, understood. Strings in it are the script's to choose. */
export type CellMessage =
  | { type: "ready" | "beat"; figures: CellFigures }
  | { type: "loaded"; blob: string }
  | { type: "result"; figures: CellFigures; text: string }
  | { type: "failure"; figures: CellFigures; failure: ScriptFailure; blob: string }
  | { type: "event"; event: RunEvent; bytes: number }
  | { type: "call"; call: Record<string, unknown> }
  | { type: "exit"; code: number }
  | { type: "violation"; message: string };

const LOG_LEVELS = new Set(["debug", "info", "warn", "error"]);
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
    const figures = readFigures(objectFrom(JSON.parse(whole.slice(0, split))));
    return { type: "result", figures, text: whole.slice(split + 1) };
  }
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
        figures: readFigures(message),
        failure: {
          name: text(message.name),
          message: text(message.message),
          stack: text(message.stack),
          denied: message.denied === true,
          starved: message.starved === true,
        },
        blob: text(message.blob),
      };
    case FROM_CELL.LOG:
    case FROM_CELL.PROGRESS:
    case FROM_CELL.EVENT:
      return { type: "event", event: readEvent(kind, message), bytes: body.length };
    case FROM_CELL.CALL:
      return { type: "call", call: message };
    case FROM_CELL.EXIT:
      return { type: "exit", code: number(message.code) | 0 };
    case FROM_CELL.VIOLATION:
      return { type: "violation", message: text(message.message) };
    default:
      throw new SyntaxError(`a frame of kind ${kind}`);
  }
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
