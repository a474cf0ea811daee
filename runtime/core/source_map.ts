/** A place in a text: both counted from 1, columns in UTF-16 units, as stack traces do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A place in one of the files that a module was made of. */
export interface SourcePlace extends Place {
  readonly source: string;
}

/** What is read of a source map, revision 3; sections are not. */
interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/** Places that are looked up in one trace. */
const PLACES_IN_TRACE = 200;
/** Characters of a file's name, so that a trace cannot grow without bound. */
const SOURCE_NAME = 500;
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUE_OF = new Int8Array(128).fill(-1);
for (const [value, digit] of [...DIGITS].entries()) VALUE_OF[digit.charCodeAt(0)] = value;
const [COMMA, SEMICOLON] = [44, 59];

/**
 * Rewrites the places of a stack trace to those of the files that the module was made of:
 * `script://acme/print@1.4.0:2256:12` becomes `script://acme/print@1.4.0/lib/job.ts:3:26`.
 *
 * The map is its publisher's and may say anything: it is walked once, nothing is built of it, and
 * one that is no source map, or ends in the middle, leaves the trace as it is.
 *
 * @param trace Any text.
 * @param scriptUrl What stands before `:line:column`.
 * @param sourceMap JSON.
 * @see ECMA-426, "Source map format"
 * @example
 * ```ts
 * import { originalTrace } from "./source_map.ts";
 * import assert from "node:assert/strict";
 *
 * const map = JSON.stringify({ version: 3, sources: ["lib/a.ts"], names: [], mappings: ";AACA" });
 * assert.equal(
 *   originalTrace("at f (script://acme/a@1.0.0:2:5)", "script://acme/a@1.0.0", map),
 *   "at f (script://acme/a@1.0.0/lib/a.ts:2:1)",
 * );
 * ```
 */
export function originalTrace(trace: string, scriptUrl: string, sourceMap: string): string {
  const map = readMap(sourceMap);
  if (!map) return trace;
  const escaped = scriptUrl.replace(/[^A-Za-z0-9]/g, "\\$&");
  const form = new RegExp(`${escaped}:(\\d{1,9}):(\\d{1,9})`, "g");
  const matches = [...trace.matchAll(form).take(PLACES_IN_TRACE)];
  const asked = matches
    .map(([, line, column]) => ({ line: Number(line), column: Number(column) }));
  let [text, rest] = ["", 0];
  for (const [i, place] of originalPlaces(map, asked).entries()) {
    const { 0: before, index } = matches[i]!;
    text += trace.slice(rest, index);
    text += place ? `${scriptUrl}/${place.source}:${place.line}:${place.column}` : before;
    rest = index + before.length;
  }
  return text + trace.slice(rest);
}

function readMap(text: string): SourceMap | undefined {
  try {
    const { version, sources, mappings } = JSON.parse(text);
    const sound = version === 3 && typeof mappings === "string" && Array.isArray(sources) &&
      sources.every((source) => typeof source === "string" && source.length <= SOURCE_NAME);
    return sound ? { sources, mappings } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * For each place the last mapping at or before it on its line; `undefined` where there is none.
 * Both lists are walked once, side by side: a publisher can make each as long as the bounds allow.
 */
function originalPlaces(map: SourceMap, asked: readonly Place[]): (SourcePlace | undefined)[] {
  const found: (SourcePlace | undefined)[] = asked.map(() => undefined);
  const left = asked.map(({ line, column }, i) => ({ line, column, i }))
    .sort((a, b) => b.line - a.line || b.column - a.column);
  let last: Segment | undefined;
  const settleBefore = (line: number, column: number) => {
    for (let next = left.at(-1); next !== undefined; next = left.at(-1)) {
      if (next.line > line || (next.line === line && next.column >= column)) return;
      if (last?.line === next.line && last.source !== undefined) {
        found[next.i] = { source: last.source, ...last.place };
      }
      left.pop();
    }
  };
  for (const segment of segmentsOf(map, left[0]?.line ?? 0)) {
    settleBefore(segment.line, segment.column);
    if (left.length === 0) break;
    last = segment;
  }
  settleBefore(Infinity, 0);
  return found;
}

interface Segment extends Place {
  /** Absent for text that came from no file. */
  readonly source: string | undefined;
  readonly place: Place;
}

function* segmentsOf({ sources, mappings }: SourceMap, lastLine: number): Generator<Segment> {
  // Column in the module; source, line and column there: each the sum of what stood before.
  const sums = [0, 0, 0, 0];
  let [line, at] = [1, 0];
  while (at < mappings.length && line <= lastLine) {
    const code = mappings.charCodeAt(at);
    if (code === SEMICOLON) {
      line++;
      sums[0] = 0;
      at++;
    } else if (code === COMMA) at++;
    else {
      let fields = 0;
      for (; at < mappings.length && !isEnd(mappings.charCodeAt(at)); fields++) {
        const read = readNumber(mappings, at);
        if (!read) return;
        if (fields < sums.length) sums[fields]! += read.value;
        at = read.end;
      }
      const source = fields >= 4 ? sources[sums[1]!] : undefined;
      const place = { line: sums[2]! + 1, column: sums[3]! + 1 };
      yield { line, column: sums[0]! + 1, source, place };
    }
  }
}

function isEnd(code: number): boolean {
  return code === COMMA || code === SEMICOLON;
}

/** One base64 VLQ number. */
function readNumber(text: string, start: number): { value: number; end: number } | undefined {
  let [bits, shift, at] = [0, 0, start];
  for (;;) {
    const digit = VALUE_OF[text.charCodeAt(at++)] ?? -1;
    if (digit < 0 || shift > 30) return undefined;
    bits += (digit & 31) * 2 ** shift;
    shift += 5;
    if (digit < 32) break;
  }
  const magnitude = Math.floor(bits / 2);
  return { value: bits % 2 === 1 ? -magnitude : magnitude, end: at };
}
