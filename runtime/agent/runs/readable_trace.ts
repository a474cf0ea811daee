import { digestOf } from "../../core/digest.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import { decodeUtf8 } from "../../core/canonical_json.ts";
import type { Outcome } from "../../core/outcome.ts";
import { originalTrace } from "../../core/source_map.ts";
import type { ScriptLibrary } from "../scripts/script_library.ts";

/** How long a failure may wait for the map that makes its trace readable. */
const MAP_DEADLINE_MS = 5_000;

/** The longest map that is read here: some 30 milliseconds of the agent's only thread. */
const MAP_BYTES = 1 << 20;

const TOO_LONG =
  `(places in the module as it ran, as its source map is longer than ${MAP_BYTES} bytes)`;

/**
 * The outcome with the places of its stack trace in the author's own files, where the manifest
 * names a source map and a source has it. The map is asked for only now, when it is needed, and
 * nothing but words depends on it.
 *
 * @param scriptUrl What stands in the trace before line and column.
 * @returns The same outcome when there is nothing to change. Never rejects.
 */
export async function readableTrace(
  outcome: Outcome,
  { sourceMap }: Pick<Manifest, "sourceMap">,
  { scriptUrl, library }: { scriptUrl: string; library: Pick<ScriptLibrary, "module"> },
): Promise<Outcome> {
  if (outcome.outcome !== "script_error" || outcome.detail.stack === undefined) return outcome;
  const stack = await readableText(outcome.detail.stack, { sourceMap }, { scriptUrl, library });
  return { ...outcome, detail: { ...outcome.detail, stack } };
}

/** As {@linkcode readableTrace}, of a trace in any text. Never rejects. */
export async function readableText(
  text: string,
  { sourceMap }: Pick<Manifest, "sourceMap">,
  { scriptUrl, library }: { scriptUrl: string; library: Pick<ScriptLibrary, "module"> },
): Promise<string> {
  if (!sourceMap || !text.includes(`${scriptUrl}:`)) return text;
  if (sourceMap.length > MAP_BYTES) return `${text}\n${TOO_LONG}`;
  const { sha256, length } = sourceMap;
  const deadline = AbortSignal.timeout(MAP_DEADLINE_MS);
  const bytes = await library.module(sha256, length, deadline).catch(() => undefined);
  const map = bytes && digestOf(bytes) === sha256 ? decodeUtf8(bytes) : undefined;
  return map === undefined ? text : originalTrace(text, scriptUrl, map);
}
