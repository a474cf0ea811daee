import { dirname } from "node:path";
import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import type { ReleaseFile } from "../../core/release_files.ts";
import { LIMITS } from "../../core/limits.ts";
import { releasePartPath } from "../../core/source_layout.ts";
import { AgentError } from "../errors.ts";
import type { Source } from "../sources/source.ts";
import { storageError, syncFolderAside } from "../state/durable_write.ts";

/** Files that are written at the same time: each waits for the disk. */
const AT_ONCE = 8;

/** What a release is written from. */
export interface ReleaseInput {
  /** Asked one after another; nothing of what they give is trusted. */
  readonly sources: readonly Source[];
  /** A program that is here already: its files are taken where they have the same bytes. */
  readonly running?: string;
  readonly signal: AbortSignal;
}

/**
 * Gets bytes by their hash: from the first source that gives the right ones.
 *
 * @throws {AgentError} release_incomplete – nobody has them
 */
export async function readPart(
  { sha256, length }: { sha256: Digest; length: number },
  { sources, signal }: Pick<ReleaseInput, "sources" | "signal">,
): Promise<Uint8Array> {
  let refused: unknown;
  for (const source of sources) {
    try {
      const bytes = await source.read(releasePartPath(sha256), length, signal);
      if (bytes && digestOf(bytes) === sha256) return bytes;
    } catch (error) {
      signal.throwIfAborted();
      refused = error;
    }
  }
  throw new AgentError(
    "release_incomplete",
    `Cannot take the release as no source has a part of it: ${sha256}`,
    { cause: refused },
  );
}

/**
 * Writes the files of a release into a folder of its own, each part checked before it is written,
 * and all of it on disk at the end.
 *
 * @throws {AgentError} release_incomplete, disk_full, state_unreadable
 */
export async function writeRelease(
  folder: string,
  files: readonly ReleaseFile[],
  input: ReleaseInput,
): Promise<void> {
  const folders = new Set(files.map(({ path }) => dirname(`${folder}/${path}`)));
  for (const path of folders) await Deno.mkdir(path, { recursive: true, mode: 0o755 });
  const rest = files.values();
  let failure: unknown;
  // All of them end before anything is thrown: the folder is removed then.
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const file of rest) {
      if (failure) return;
      await writeFile(`${folder}/${file.path}`, file, input).catch((error) => failure ??= error);
    }
  }));
  if (failure) throw failure;
  for (const path of folders) await syncFolderAside(path);
}

async function writeFile(path: string, file: ReleaseFile, input: ReleaseInput): Promise<void> {
  const mode = file.executable ? 0o755 : 0o644;
  using here = input.running === undefined
    ? undefined
    : await openOrNothing(`${input.running}/${file.path}`);
  using output = await Deno.open(path, { write: true, createNew: true, mode });
  for (const part of file.parts) {
    const bytes = await partHere(here, part) ?? await readPart(part, input);
    try {
      for (let done = 0; done < bytes.length;) done += await output.write(bytes.subarray(done));
    } catch (error) {
      throw storageError(error, path);
    }
  }
  await output.sync();
}

/** The next part of a file that is here already, if it has the bytes that are wanted. */
async function partHere(
  file: Deno.FsFile | undefined,
  { sha256, length }: ReleaseFile["parts"][number],
): Promise<Uint8Array | undefined> {
  if (!file) return undefined;
  const bytes = new Uint8Array(Math.min(length, LIMITS.RELEASE_PART_BYTES));
  let read = 0;
  for (let count: number | null = 0; read < bytes.length && count !== null; read += count ?? 0) {
    count = await file.read(bytes.subarray(read));
  }
  return read === length && digestOf(bytes) === sha256 ? bytes : undefined;
}

async function openOrNothing(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path);
  } catch {
    return undefined; // Then every part of it is fetched.
  }
}
