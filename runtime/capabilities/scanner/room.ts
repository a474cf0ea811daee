import { CapabilityError } from "../../sandbox/mod.ts";
import type { ScannerPrograms } from "./programs.ts";

/** ClamAV unpacks what it judges and changes: it may take so many times the bytes that came in. */
const UNPACKED = 8;
/** Where less is free, no failure says anything of a file. */
const LEAST_BYTES = 64_000_000;
const UNKNOWN = "Cannot tell a bad file from a full disk as `stat --file-system` says nothing";

/**
 * Whether what failed may have failed for want of room: ClamAV's programs say so in many words or in
 * none, and have removed what they wrote.
 *
 * @param bytes How long the files are that it was about.
 * @throws {CapabilityError} unavailable – nobody can tell: a file that is good must not be condemned
 */
export async function isShortOfRoom(
  programs: ScannerPrograms,
  folder: string,
  bytes: number,
  signal: AbortSignal,
): Promise<boolean> {
  const args = ["--file-system", "--format=%a %S %c %d", folder];
  const { code, output } = await programs.run("stat", args, signal, "agent");
  // The last two are of files: some file systems have no bound and say 0.
  const [blocks, size, files, filesFree] = output.trim().split(" ").map(Number);
  if (code !== 0 || filesFree === undefined || ![blocks, size, files].every(Number.isSafeInteger)) {
    throw new CapabilityError("unavailable", UNKNOWN);
  }
  const free = blocks! * size!;
  return free < Math.max(LEAST_BYTES, bytes * UNPACKED) || (files! > 0 && filesFree === 0);
}
