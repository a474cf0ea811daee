import { readIfThere, writeAtomically } from "../../author/atomic_file.ts";
import { printableLines } from "../../core/printable.ts";
import { throwMistakes } from "../../policy/errors.ts";
import { readFolder } from "../../policy/folder.ts";
import { decodeFolder } from "../../policy/load_policy_dir.ts";
import { diffPolicies, loadPolicyDir, type PolicyChange } from "../../policy/mod.ts";
import type { Cli } from "../cli.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { confirm } from "../terminal/confirm.ts";
import { changeLines } from "./change_lines.ts";
import { saveUndo } from "./undo_file.ts";

/** One file of the policy folder that is to be written. */
export interface PlannedWrite {
  /** Absolute, below the policy folder. */
  readonly path: string;
  readonly text: string;
  /** Its text before; empty for a new file. */
  readonly before: string;
}

/** What was written, and what it means. */
export interface ChangedPolicy {
  readonly wrote: readonly string[];
  /** Empty where a signed list is the policy, of which the files are only a part. */
  readonly changes: readonly PolicyChange[];
}

/**
 * Writes policy files: the folder as it will be is checked as a whole, every line and what it means
 * are shown, and the user agrees. What stood there before can be had back: `writ policy undo`.
 *
 * @param options.head What is said above the lines.
 * @param options.yes `--yes` was given.
 * @throws {PolicyError} – when the folder has mistakes, before or after: one bad rule would have all
 * of it refused at the next reload, so nothing is written
 * @throws {CliError} not_confirmed – when the user does not agree
 */
export async function changePolicy(
  cli: Cli,
  fleet: Fleet,
  writes: readonly PlannedWrite[],
  options: { head: string; yes: boolean | undefined },
): Promise<ChangedPolicy> {
  const changes = await changesOf(fleet, writes);
  cli.note([
    options.head,
    ...writes.map((write) => describe(cli, write)),
    ...(changes.length === 0 ? [] : ["What it means:", ...changeLines(changes, cli.err)]),
    "",
  ].join("\n"));
  await confirm(cli, "Write this?", options.yes);
  await saveUndo(fleet.policy, writes);
  await Deno.mkdir(`${fleet.policy}/grants`, { recursive: true, mode: 0o755 });
  for (const { path, text } of writes) await writeAtomically(path, text);
  return { wrote: writes.map(({ path }) => path), changes };
}

/** Plans to write one file of the policy folder. */
export async function planWrite(path: string, edit: (before: string) => string) {
  const bytes = await readIfThere(path);
  const before = bytes === undefined ? "" : new TextDecoder().decode(bytes);
  const text = edit(before);
  return text === before ? [] : [{ path, text, before }];
}

/**
 * What would be different if files stood as given, or were not there.
 *
 * @returns Empty where a signed list is the policy.
 * @throws {PolicyError} – when the folder has mistakes, before or after
 */
export async function changesOf(
  { policy: dir, kept }: Fleet,
  writes: readonly { readonly path: string; readonly text: string | undefined }[],
): Promise<PolicyChange[]> {
  const before = await loadPolicyDir(dir, { kept });
  const folder = await readFolder(dir);
  const files = new Map(folder.files.map(({ name, text }) => [name, text]));
  for (const { path, text } of writes) {
    const name = path.slice(dir.length + 1);
    if (text === undefined) files.delete(name);
    else files.set(name, text);
  }
  const { mistakes, loaded } = decodeFolder(dir, {
    path: folder.path,
    mistakes: folder.mistakes,
    warnings: folder.warnings,
    files: Array.from(files, ([name, text]) => ({ name, text })),
  }, { kept });
  throwMistakes(mistakes);
  if (before.mode !== "local" || loaded?.mode !== "local") return [];
  return diffPolicies(before.policy, loaded.policy);
}

function describe(cli: Cli, { path, text, before }: PlannedWrite): string {
  const { bold, green, red } = cli.err;
  const mark = (lines: readonly string[], sign: string, paint: (text: string) => string) =>
    lines.map((line) => paint(`  ${sign} ${printableLines(line)}`));
  return [
    bold(path),
    ...mark(linesOnlyIn(before, text), "-", red),
    ...mark(linesOnlyIn(text, before), "+", green),
    "",
  ].join("\n");
}

/** The lines that are there more often than in the other text. */
function linesOnlyIn(text: string, other: string): string[] {
  const there = new Map<string, number>();
  for (const line of other.split("\n")) there.set(line, (there.get(line) ?? 0) + 1);
  return text.split("\n").filter((line) => {
    const left = there.get(line) ?? 0;
    there.set(line, left - 1);
    return left <= 0 && line.trim() !== "";
  });
}
