import * as v from "valibot";
import { digestSchema } from "../../core/documents/common.ts";
import { versionSchema } from "../../core/semver_range.ts";
import { AgentError } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { KnownVersion } from "../store/manifests.ts";

const schema = v.strictObject({
  versions: v.pipe(
    v.array(v.strictObject({ version: versionSchema, sha256: digestSchema })),
    v.maxLength(AGENT_LIMITS.INDEX_VERSIONS),
  ),
});

/**
 * Reads a source's list of a script's versions; `sha256` is the module's digest. The list is a
 * hint that nobody signed: it decides which manifests are looked at, and never what may run. Its
 * versions become file names, which is why each must be one.
 *
 * @throws {AgentError} source_answer – it is something else.
 */
export function parseVersionIndex(bytes: Uint8Array, name: string): KnownVersion[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AgentError("source_answer", `Cannot read "${name}" as it is not JSON`, { cause });
  }
  const { success, output, issues } = v.safeParse(schema, value);
  if (success) return output.versions;
  throw new AgentError(
    "source_answer",
    `Cannot read "${name}" as it is no list of versions: ${issues[0].message}`,
  );
}

/** Writes the list that {@linkcode parseVersionIndex} reads. */
export function versionIndex(versions: readonly KnownVersion[]): { versions: KnownVersion[] } {
  return { versions: versions.map(({ version, sha256 }) => ({ version, sha256 })) };
}
