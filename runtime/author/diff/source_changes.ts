import { decodeUtf8 } from "../../core/canonical_json.ts";
import type { Manifest } from "../../core/documents/manifest.ts";

/** A version of a script, as much of it as is here. */
export interface Release {
  readonly manifest: Manifest;
  /** Its bytes have the hash in the manifest. */
  readonly module: Uint8Array;
  /** Where it was bundled; its bytes have the hash in the manifest. */
  readonly sourceMap?: Uint8Array;
}

/** What differs in one text; lines begin with `+`, `-` or a space. */
export interface FileChange {
  readonly file: string;
  readonly hunks: readonly {
    readonly oldStart: number;
    readonly newStart: number;
    readonly lines: readonly string[];
  }[];
  /** Too different to be compared line by line in the time there is. */
  readonly rewritten: boolean;
}

const CONTEXT_LINES = 3;
const DIFF_MS = 3_000;

/**
 * Compares what runs: the modules.
 *
 * @returns Empty when they are the same.
 */
export async function moduleChanges(before: Release, after: Release): Promise<FileChange[]> {
  const texts = [before, after].map(({ module }) =>
    new Map([["module", decodeUtf8(module) ?? ""]])
  );
  return await compare(texts[0]!, texts[1]!);
}

/**
 * Compares what the publisher says it was made of: the author's files in the source maps, or the
 * module where it is the author's one file. Nothing proves that a source map tells the truth.
 */
export async function sourceChanges(before: Release, after: Release): Promise<FileChange[]> {
  return await compare(filesOf(before), filesOf(after));
}

/** The author's files, by name; packages are named only. */
function filesOf({ module, sourceMap }: Release): Map<string, string> {
  if (!sourceMap) return new Map([["module", decodeUtf8(module) ?? ""]]);
  try {
    const { sources, sourcesContent } = JSON.parse(new TextDecoder().decode(sourceMap));
    const texts = new Map<string, string>();
    const packages = new Set<string>();
    for (const [i, source] of (sources as unknown[]).entries()) {
      const [, npm] = /^npm:((?:@[^/]+\/)?[^/]+)/.exec(String(source)) ?? [];
      if (npm !== undefined) packages.add(npm);
      else texts.set(String(source), String(sourcesContent?.[i] ?? ""));
    }
    if (packages.size > 0) texts.set("packages", [...packages].sort().join("\n") + "\n");
    return texts;
  } catch {
    return new Map();
  }
}

async function compare(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Promise<FileChange[]> {
  const { structuredPatch } = await import("diff");
  const files = [...new Set([...before.keys(), ...after.keys()])].sort();
  return files.flatMap((file) => {
    const [was, is] = [before.get(file) ?? "", after.get(file) ?? ""];
    if (was === is) return [];
    const options = { context: CONTEXT_LINES, timeout: DIFF_MS };
    const patch = structuredPatch(file, file, was, is, undefined, undefined, options);
    return [{ file, hunks: patch?.hunks ?? [], rewritten: patch === undefined }];
  });
}
