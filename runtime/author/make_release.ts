import { canonicalBytes } from "../core/canonical_json.ts";
import { digestOf } from "../core/digest.ts";
import type { Digest } from "../core/documents/common.ts";
import type { Release } from "../core/documents/release.ts";
import { instantOf } from "../core/instant.ts";
import { LIMITS } from "../core/limits.ts";
import { parseReleaseFiles, type ReleaseFile } from "../core/release_files.ts";
import { releasePartPath, RELEASES_PATH } from "../core/source_layout.ts";

/** What a release says besides its files. */
export interface ReleaseWords {
  readonly fleet: string;
  readonly sequence: number;
  readonly version: string;
  readonly deno: string;
  /** The system that the files are for, as Deno names it. */
  readonly target: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly lifetimeMs: number;
}

/**
 * Makes a release of a program's folder: its files go in parts into a published folder, each under
 * its hash, so that agents fetch only what they do not have. Not signed yet.
 *
 * @param program Every file in it becomes part of the release.
 * @param published As `publish` fills it for scripts, and any web server can serve it.
 * @returns the document to sign, and how many bytes were written anew.
 * @throws {VerificationError} bad_schema – a file has a name that no release may have
 */
export async function makeRelease(
  program: string,
  published: string,
  words: ReleaseWords,
): Promise<{ release: Release; files: number; written: number }> {
  const files: ReleaseFile[] = [];
  let written = 0;
  const keep = async (bytes: Uint8Array): Promise<Digest> => {
    const sha256 = digestOf(bytes);
    const path = `${published}/${releasePartPath(sha256)}`;
    // A machine that lost power may have left a part of another content under its name.
    const there = await Deno.readFile(path).catch(() => undefined);
    if (there && digestOf(there) === sha256) return sha256;
    await Deno.writeFile(`${path}.tmp`, bytes);
    await Deno.rename(`${path}.tmp`, path);
    written += bytes.length;
    return sha256;
  };
  await Deno.mkdir(`${published}/${RELEASES_PATH}`, { recursive: true });
  for (const path of await filesIn(program)) {
    files.push({ path, ...await partsOf(`${program}/${path}`, keep) });
  }
  const list = canonicalBytes({ files });
  parseReleaseFiles(list);
  const { target, now, lifetimeMs, ...said } = words;
  const release: Release = {
    ...said,
    targets: { [target]: { sha256: await keep(list), length: list.length } },
    issued: instantOf(now),
    expires: instantOf(now + lifetimeMs),
  };
  return { release, files: files.length, written };
}

async function partsOf(
  path: string,
  keep: (bytes: Uint8Array) => Promise<Digest>,
): Promise<Omit<ReleaseFile, "path">> {
  using file = await Deno.open(path);
  const { size, mode } = await file.stat();
  const parts: ReleaseFile["parts"] = [];
  for (let at = 0; at < size;) {
    const bytes = new Uint8Array(Math.min(LIMITS.RELEASE_PART_BYTES, size - at));
    for (let done = 0; done < bytes.length;) {
      const count = await file.read(bytes.subarray(done));
      if (count === null) throw new TypeError(`"${path}" became shorter as it was read`);
      done += count;
    }
    parts.push({ sha256: await keep(bytes), length: bytes.length });
    at += bytes.length;
  }
  return { parts, ...((mode ?? 0) & 0o100 ? { executable: true } : {}) };
}

/** Every file below a folder, by its path from there, in the same sequence each time. */
async function filesIn(folder: string, below = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${below}`)) {
    if (isDirectory) found.push(...await filesIn(folder, `${below}${name}/`));
    else found.push(below + name);
  }
  return found.sort();
}
