import { basename, dirname } from "node:path";
import { LIMITS } from "../../core/limits.ts";
import type { AttachmentFile } from "../../author/attachment_file.ts";
import type { Cli, Registry } from "../cli.ts";
import { fileError, readUserFile } from "../files.ts";
import { readGrant } from "../grant.ts";
import { readInput } from "../input.ts";
import { catchInterrupt } from "../io.ts";
import { printableJson } from "../printable.ts";
import { RunLines } from "../run_lines.ts";
import { rerunOnChange } from "../watch.ts";

interface Options {
  grant?: string;
  input?: string;
  attach?: string[];
  watch?: boolean;
}

/** A module longer than its limit is a refusal like any other; only absurd ones are not read. */
const MAX_READ_BYTES = 4 * LIMITS.MODULE_BYTES;

/** `writ try`: one local module, unsigned, in the cell an agent would use. */
export function addTry(registry: Registry): void {
  registry.command(
    "try <file>",
    "run a local, unsigned module in the cell an agent would use",
    `writ try scripts/hello/mod.ts --input '{"name": "Ada"}'`,
  )
    .option("--grant <file>", "the permissions and limits to run with (default: none, and small)")
    .option("--input <json>", "the input: JSON, @file, or - for standard input (default: null)")
    .option("--attach <file...>", "documents that come with the order")
    .option("--watch", "run it again after each change in its folder")
    .action(registry.action(runTry));
}

async function runTry(cli: Cli, file: string, options: Options): Promise<number> {
  if (options.watch) {
    const folder = dirname(await modulePathOf(cli.path(file)));
    return await rerunOnChange(cli, folder, (signal) => tryOnce(cli, file, options, signal));
  }
  using interrupt = catchInterrupt(cli.io);
  return await tryOnce(cli, file, options, interrupt.signal);
}

async function tryOnce(
  cli: Cli,
  file: string,
  options: Options,
  signal: AbortSignal,
): Promise<number> {
  const [{ tryScript }, { openAttachment }] = await Promise.all([
    import("../../author/try_script.ts"),
    import("../../author/attachment_file.ts"),
  ]);
  const path = await modulePathOf(cli.path(file));
  const [folder, name] = [dirname(path), basename(path)];
  const bytes = await readUserFile(path, file, MAX_READ_BYTES);
  const grant = options.grant === undefined ? undefined : await readGrant(cli, options.grant);
  const input = await readInput(cli, options.input);
  const inputSchema = await schemaBeside(cli, path);
  using attachments = new DisposableStack();
  const sources: AttachmentFile[] = [];
  for (const path of options.attach ?? []) {
    sources.push(attachments.use(openUserFile(cli, path, openAttachment)));
  }
  const lines = new RunLines(cli);
  const report = await tryScript({ folder, name, bytes }, {
    input,
    ...(inputSchema && { inputSchema }),
    attachments: sources,
    ...(grant ? { grant } : {}),
    signal,
    onEvent: (event) => lines.event(event),
  });
  if (options.watch && signal.aborted) return 1;
  lines.end(report);
  cli.answer(report, () => report.outcome === "ok" ? printableJson(report.result, 2) : "");
  return report.outcome === "ok" ? 0 : 1;
}

/** The input schema of the manifest beside a module; one with mistakes is for `pack` to tell. */
async function schemaBeside(
  cli: Cli,
  path: string,
): Promise<Record<string, unknown> | undefined> {
  const file = `${dirname(path)}/manifest.yaml`;
  if (!await Deno.stat(file).then((info) => info.isFile, () => false)) return undefined;
  const { parseManifestFile } = await import("../../author/manifest_file.ts");
  try {
    const { module, manifest } = parseManifestFile(await Deno.readTextFile(file), file);
    return module === basename(path) ? manifest.inputSchema : undefined;
  } catch {
    cli.note(`${cli.err.cyan("hint:")} manifest.yaml has mistakes, so the input was not checked`);
    return undefined;
  }
}

/** A folder stands for the `mod.ts` in it. */
async function modulePathOf(path: string): Promise<string> {
  const { isDirectory } = await Deno.stat(path).catch(() => ({ isDirectory: false }));
  return isDirectory ? `${path}/mod.ts` : path;
}

function openUserFile<T>(cli: Cli, file: string, open: (path: string) => T): T {
  try {
    return open(cli.path(file));
  } catch (error) {
    throw fileError("read", file, error);
  }
}
