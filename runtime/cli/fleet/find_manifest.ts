import { openSource, parseVersionIndex, type Source } from "../../agent/mod.ts";
import type { ScriptName } from "../../core/documents/common.ts";
import { LIMITS } from "../../core/limits.ts";
import { isAllowedBy } from "../../core/semver_range.ts";
import { indexPath, manifestPath } from "../../core/source_layout.ts";
import type { FleetFile } from "../../policy/mod.ts";

/** The longest list of versions that is read. */
const INDEX_BYTES = 1 << 20;

/**
 * Finds the newest manifest that fits an order in the sources of a fleet, as its agents would.
 * Nothing about it is verified.
 *
 * @param wanted A hash, or a range of versions.
 * @returns Its envelope; `undefined` when no source has one, or none can be reached.
 */
export async function findManifest(
  sources: FleetFile["sources"],
  script: ScriptName,
  wanted: string,
): Promise<Uint8Array | undefined> {
  for (const address of sources) {
    const source = openSource(address.kind === "http" ? address.url : address.path);
    try {
      const found = await newestIn(source, script, wanted);
      if (found) return found;
    } catch (error) {
      // A source that fails is one of several; the answer says when none had it.
      if (!(error instanceof Error && error.name === "AgentError")) throw error;
    }
  }
  return undefined;
}

async function newestIn(source: Source, script: ScriptName, wanted: string) {
  const path = indexPath(script);
  const index = await source.read(path, INDEX_BYTES);
  if (!index) return undefined;
  // Sorted by version by whoever publishes; a source that lies about it shows an older release.
  const fitting = parseVersionIndex(index, path).findLast(({ version, sha256 }) =>
    wanted.startsWith("sha256:") ? sha256 === wanted : isAllowedBy(version, wanted)
  );
  return fitting && await source.read(manifestPath(script, fitting.version), LIMITS.MANIFEST_BYTES);
}
