import { dirname } from "node:path";
import type { Release } from "../../core/documents/release.ts";
import { LIMITS } from "../../core/limits.ts";
import { parseReleaseFiles } from "../../core/release_files.ts";
import { AgentError } from "../errors.ts";
import { tryRelease } from "./try_release.ts";
import { readPart, type ReleaseInput, writeRelease } from "./write_release.ts";

/** What {@linkcode stageRelease} works with. */
export interface StageOptions extends ReleaseInput {
  /** Where the release goes. What is there is removed: it was never finished. */
  readonly folder: string;
  /** The agent's state folder, as the release will get it. */
  readonly state: string;
}

/**
 * Lays a verified release down: its list of files, the files, and one start for its version.
 * Leaves nothing behind when a step fails.
 *
 * @throws {VerificationError} as `parseReleaseFiles()` does
 * @throws {AgentError} release_incomplete, release_broken, disk_full, state_unreadable
 */
export async function stageRelease(release: Release, options: StageOptions): Promise<void> {
  const { folder, state, signal } = options;
  const list = release.targets[Deno.build.target];
  if (!list || list.length > LIMITS.RELEASE_LIST_BYTES) {
    throw new AgentError(
      "release_broken",
      `Cannot take release ${release.sequence} as it has no files for ${Deno.build.target}`,
    );
  }
  const files = parseReleaseFiles(await readPart(list, options));
  await Deno.mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  await removeFolder(folder);
  try {
    await writeRelease(folder, files, options);
    await tryRelease(folder, release, { state, signal });
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
}

async function removeFolder(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
