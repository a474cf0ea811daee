import { CapabilityError } from "../../sandbox/mod.ts";
import { EICAR } from "./eicar.ts";
import type { ScannerPrograms } from "./programs.ts";

/** What no scanner may find. */
const CLEAN = "Minutes of the meeting\n\nNobody objected. The next one is on Tuesday.\n";

/** Files of the admin's own, at most, and bytes of each. */
const OWN_FILES = 64;
const OWN_BYTES = 16 << 20;

/** Why databases were not put to use. */
export type Unfit =
  /** The scanner cannot read them. */
  | "malformed"
  /** It does not find the canary with them. */
  | "canary_missed"
  /** It takes a clean file for a virus. */
  | "false_alarm";

/**
 * Scans a virus of nobody's and a clean file, and those of the admin's own, with databases that are
 * not in use yet.
 *
 * @param folder The databases.
 * @param work Where the files are put.
 * @param temporary A folder that the scanner may write to.
 * @param mustFind Whether the canary is for these databases to find: a plain list need not.
 * @param own The admin's files: below `found/` those that must be found, below `clean/` the others.
 * @returns nothing when they are fit for use
 * @throws {CapabilityError} unavailable – the admin's files are missing, too many or too long
 */
export async function tryDatabases(
  programs: ScannerPrograms,
  { folder, work, temporary, mustFind, own }: {
    folder: string;
    work: string;
    temporary: string;
    mustFind: boolean;
    own?: string | undefined;
  },
  signal: AbortSignal,
): Promise<{ why: Unfit; said: string } | undefined> {
  const eicar = `${work}/canary.com`;
  await Deno.writeTextFile(eicar, EICAR, { mode: 0o644 });
  const minutes = `${work}/minutes.txt`;
  await Deno.writeTextFile(minutes, CLEAN, { mode: 0o644 });
  const canaries = own ? await copyAll(`${own}/found`, `${work}/found`) : [];
  const clean = [minutes, ...own ? await copyAll(`${own}/clean`, `${work}/clean`) : []];
  if (own && canaries.length === 0 && clean.length === 1) {
    throw new CapabilityError("unavailable", `Cannot test databases as "${own}" has no files`);
  }
  const { code, output } = await programs.run("clamscan", [
    `--database=${folder}`,
    `--tempdir=${temporary}`,
    "--no-summary",
    "--stdout",
    eicar,
    ...canaries,
    ...clean,
  ], signal);
  const lines = output.split("\n");
  const found = (file: string) =>
    lines.some((line) => line.startsWith(`${file}: `) && line.endsWith(" FOUND"));
  const said = lines.filter((line) => /error|warning|FOUND/i.test(line)).join("; ")
    .replaceAll(`${folder}/`, "").slice(0, 300);
  if (code !== 0 && code !== 1) return { why: "malformed", said };
  if (clean.some(found)) return { why: "false_alarm", said };
  const wanted = mustFind ? [eicar, ...canaries] : canaries;
  if (!wanted.every(found)) return { why: "canary_missed", said };
  return undefined;
}

/**
 * Copies to where the scanner may read, whoever it runs as.
 *
 * @throws {CapabilityError} unavailable – there are too many, or one is too long
 */
async function copyAll(from: string, to: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(from)).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  });
  const names = entries.filter(({ isFile }) => isFile).map(({ name }) => name);
  if (names.length > OWN_FILES) throw tooMuch(`${names.length} files in "${from}"`);
  return await Promise.all(names.map(async (name, i) => {
    const { size } = await Deno.stat(`${from}/${name}`);
    if (size > OWN_BYTES) throw tooMuch(`"${from}/${name}" has ${size} bytes`);
    await Deno.writeFile(`${to}-${i}`, await Deno.readFile(`${from}/${name}`), { mode: 0o644 });
    return `${to}-${i}`;
  }));
}

function tooMuch(found: string): CapabilityError {
  const most = `${OWN_FILES} files of ${OWN_BYTES} bytes`;
  return new CapabilityError("unavailable", `Cannot test databases with over ${most}: ${found}`);
}
