import type { Digest } from "../../../core/documents/common.ts";
import { HubError } from "../../errors.ts";
import type { ConsoleParts } from "../console_parts.ts";

/** Characters of a module that a page shows. */
const SHOWN = 512_000;
/** How long comparing two modules may take, and how far apart they may be. */
const COMPARE_MS = 1_000;
const EDITS = 20_000;

/** One line of a comparison. */
export interface SourceChange {
  readonly kind: "same" | "add" | "del" | "place";
  readonly text: string;
}

/** A module as it was hashed; undefined when it is not there, too long to show, or no text. */
export async function sourceText(
  scripts: ConsoleParts["scripts"],
  tenant: string,
  sha256: Digest,
): Promise<string | undefined> {
  try {
    const bytes = await scripts.module(tenant, sha256);
    if (bytes.length > SHOWN) return undefined;
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof HubError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** What is different, with some lines around it; undefined when it takes too long to tell. */
export async function compareSources(
  before: string,
  after: string,
): Promise<SourceChange[] | undefined> {
  const { structuredPatch } = await import("diff");
  const patch = structuredPatch("", "", before, after, "", "", {
    context: 3,
    timeout: COMPARE_MS,
    maxEditLength: EDITS,
  });
  return patch?.hunks.flatMap(({ newStart, lines }): SourceChange[] => [
    { kind: "place", text: `line ${newStart}` },
    ...lines.map(changeOf),
  ]);
}

function changeOf(line: string): SourceChange {
  const kind = line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : "same";
  return { kind, text: line };
}
