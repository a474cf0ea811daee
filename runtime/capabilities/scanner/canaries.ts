import { decodeBase64 } from "../../core/base64.ts";
import type { ScannerPrograms } from "./programs.ts";

/** What every scanner must find, and harms nobody. Not in clear, or this file would be found. */
const EICAR =
  "WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=";
/** What no scanner may find. */
const CLEAN = "Minutes of the meeting\n\nNobody objected. The next one is on Tuesday.\n";

/** Why databases were not put to use. */
export type Unfit =
  /** The scanner cannot read them. */
  | "malformed"
  /** It does not find the canary with them. */
  | "canary_missed"
  /** It takes a clean file for a virus. */
  | "false_alarm";

/**
 * Scans a virus of nobody's and a clean file with databases that are not in use yet.
 *
 * @param folder The databases.
 * @param work A folder that the scanner may write to.
 * @param mustFind Whether the canary is for these databases to find: a plain list need not.
 * @returns nothing when they are fit for use
 */
export async function tryDatabases(
  programs: ScannerPrograms,
  { folder, work, mustFind }: { folder: string; work: string; mustFind: boolean },
  signal: AbortSignal,
): Promise<{ why: Unfit; said: string } | undefined> {
  const files = { canary: `${work}/canary.com`, clean: `${work}/minutes.txt` };
  await Deno.writeFile(files.canary, decodeBase64(EICAR)!, { mode: 0o644 });
  await Deno.writeTextFile(files.clean, CLEAN, { mode: 0o644 });
  const { code, output } = await programs.run("clamscan", [
    `--database=${folder}`,
    `--tempdir=${work}`,
    "--no-summary",
    "--stdout",
    files.canary,
    files.clean,
  ], signal);
  const lines = output.split("\n");
  const found = (file: string) =>
    lines.some((line) => line.startsWith(`${file}: `) && line.endsWith(" FOUND"));
  const said = lines.filter((line) => /error|warning|FOUND/i.test(line)).join("; ").slice(0, 300);
  if (code !== 0 && code !== 1) return { why: "malformed", said };
  if (found(files.clean)) return { why: "false_alarm", said };
  if (mustFind && !found(files.canary)) return { why: "canary_missed", said };
  return undefined;
}
