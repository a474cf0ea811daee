import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope } from "../../core/dsse.ts";
import { LIMITS } from "../../core/limits.ts";
import { parseReleaseFiles } from "../../core/release_files.ts";
import { releasePartPath } from "../../core/source_layout.ts";
import { readUserFile } from "../arguments/files.ts";
import type { HubApi } from "./hub_api.ts";

/** Parts between two words of how far it is. */
const TOLD_EVERY = 1_000;
/** Parts that are on their way at the same time. */
const AT_ONCE = 4;

/**
 * Brings every part of a release to a hub; what it has already, it does not take again.
 *
 * @param published The folder that `writ release make` filled.
 * @param note Told how far it is.
 * @throws {CliError} no_such_file – a part is not in the folder
 */
export async function uploadRelease(
  api: HubApi,
  envelope: Uint8Array,
  published: string,
  note: (text: string) => void,
): Promise<void> {
  const { targets } = parseDocument("release", openEnvelope("release", envelope).payload);
  for (const { sha256 } of Object.values(targets)) {
    const path = releasePartPath(sha256);
    const list = await readUserFile(`${published}/${path}`, path, LIMITS.RELEASE_LIST_BYTES);
    const digests = new Set(
      parseReleaseFiles(list).flatMap(({ parts }) => parts.map((part) => part.sha256)),
    );
    let done = 0;
    note(`Uploading ${digests.size} parts …`);
    const rest = [sha256, ...digests].values();
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (const digest of rest) {
        const part = releasePartPath(digest);
        const bytes = await readUserFile(`${published}/${part}`, part, LIMITS.RELEASE_PART_BYTES);
        await api.upload(digest, bytes);
        if (++done % TOLD_EVERY === 0) note(`${done} of ${digests.size} parts are there`);
      }
    }));
  }
}
