import { decodedMappings, originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { ScriptFailure } from "./verdict.ts";

/** Places looked up in one failure: its text is the script's to choose. */
const MAX_PLACES = 200;
/** Characters of a map: reading one keeps the agent busy, some 100 ms for this much. */
const MAX_MAP_LENGTH = 8 << 20;
/** A source's path as it may stand in a stack trace; the map is the author's to choose. */
const SOURCE_PATH = /^[\w@+-][\w.@+-]*(?:\/[\w@+-][\w.@+-]*)*$/;

/**
 * Gives the places of a failure in the author's own source: line and column, with the file's path
 * behind the script's name where the module was made of several. A map that cannot be read, and a
 * place that it does not know, change nothing.
 *
 * @param scriptUrl What places begin with.
 * @param sourceMap JSON.
 * @see ECMA-426, "Source map format"
 */
export function mapped(
  failure: ScriptFailure,
  scriptUrl: string,
  sourceMap: string,
): ScriptFailure {
  const map = readMap(sourceMap);
  if (!map) return failure;
  const place = new RegExp(`${RegExp.escape(scriptUrl)}:(\\d+):(\\d+)`, "g");
  let left = MAX_PLACES;
  const original = (found: string, line: string, column: string): string => {
    if (left-- <= 0 || Number(line) < 1 || Number(column) < 1) return found;
    const at = originalPositionFor(map, { line: Number(line), column: Number(column) - 1 });
    if (at.line === null) return found;
    const file = map.sources.length > 1 && SOURCE_PATH.test(at.source ?? "") ? `/${at.source}` : "";
    return `${scriptUrl}${file}:${at.line}:${at.column + 1}`;
  };
  const { message, stack } = failure;
  return {
    ...failure,
    message: message.replace(place, original),
    stack: stack.replace(place, original),
  };
}

function readMap(sourceMap: string): TraceMap | undefined {
  if (sourceMap.length > MAX_MAP_LENGTH) return undefined;
  try {
    const map = new TraceMap(sourceMap);
    decodedMappings(map); // or it is decoded, and found to be broken, at the first place
    return map;
  } catch {
    return undefined;
  }
}
