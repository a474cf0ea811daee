import { basename, dirname } from "node:path";
import type { AttachmentFile } from "../../author/attachment_file.ts";
import { isFile, isFolder } from "../../author/path_kind.ts";
import type { TrialGrant } from "../../author/trial/prepare_trial.ts";
import type { LocalModule } from "../../author/try_script.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Outcome } from "../../core/outcome.ts";
import { printable, printableJson, printableLines } from "../../core/printable.ts";
import { fileError, readUserFile } from "../arguments/files.ts";
import { readInput } from "../arguments/input.ts";
import type { Cli, Registry } from "../cli.ts";
import { CliError } from "../errors.ts";
import { readGrant } from "../policy/grant.ts";
import type { EndedRun } from "../runs/outcome_words.ts";
import { RunLines } from "../runs/run_lines.ts";
import { catchInterrupt } from "../terminal/io.ts";
import { rerunOnChange } from "../trying/watch.ts";

interface Options {
  grant?: string;
  input?: string;
  attach?: string[];
  watch?: boolean;
  fetch?: string;
  serve?: string | true;
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
    .option(
      "--grant <file>",
      "what to run with: permissions, limits, capabilities, settings " +
        "(default: no permission, small limits, the manifest's capabilities)",
    )
    .option("--input <json>", "the input: JSON, @file, or - for standard input (default: null)")
    .option("--attach <file...>", "documents that come with the order")
    .option("--fetch <path>", "ask its endpoint once; with --input by POST")
    .option("--serve [port]", "serve its endpoint on this machine until Ctrl-C")
    .option("--watch", "run it again after each change in its folder")
    .action(registry.action(runTry));
}

async function runTry(cli: Cli, file: string, options: Options): Promise<number> {
  if (options.fetch !== undefined || options.serve !== undefined) {
    if (options.watch || options.attach || (options.fetch !== undefined && options.serve)) {
      const message = "Cannot ask an endpoint with --watch or --attach, or serve it at once";
      throw new CliError("usage", message);
    }
    using interrupt = catchInterrupt(cli.io);
    return await askEndpoint(cli, file, options, interrupt.signal);
  }
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
  const module = await readModule(cli, file);
  const manifest = await manifestBeside(cli, module);
  const grant = await trialGrant(cli, options, manifest);
  const input = await readInput(cli, options.input);
  using attachments = new DisposableStack();
  const sources: AttachmentFile[] = [];
  for (const path of options.attach ?? []) {
    sources.push(attachments.use(openUserFile(cli, path, openAttachment)));
  }
  const lines = new RunLines(cli);
  const report = await tryScript(module, {
    input,
    ...(manifest?.inputSchema && { inputSchema: manifest.inputSchema }),
    attachments: sources,
    ...(grant ? { grant } : {}),
    signal,
    onEvent: (event) => lines.event(event),
  });
  if (options.watch && signal.aborted) return 1;
  for (const { at, key, input } of report.scheduled) {
    const named = key === null ? "" : ` as ${JSON.stringify(key)}`;
    cli.note(`${cli.err.cyan("scheduled")} ${at}${printable(`${named} ${JSON.stringify(input)}`)}`);
  }
  lines.end(report);
  cli.answer(report, () => report.outcome === "ok" ? printableJson(report.result, 2) : "");
  return report.outcome === "ok" ? 0 : 1;
}

/** Asks the script's own endpoint, once or for as long as the user wants. */
async function askEndpoint(
  cli: Cli,
  file: string,
  options: Options,
  signal: AbortSignal,
): Promise<number> {
  const [{ tryEndpoint }, { fetchOnce, serveEndpoint }] = await Promise.all([
    import("../../author/try_script.ts"),
    import("../trying/try_endpoint.ts"),
  ]);
  const { fetch: path, serve } = options;
  if (path !== undefined && !/^\/[\x21-\x7e]*$/.test(path)) {
    throw new CliError("usage", `Cannot ask for ${JSON.stringify(path)} as it is no path: "/jobs"`);
  }
  const port = portOf(serve);
  const module = await readModule(cli, file);
  const manifest = await manifestBeside(cli, module);
  const grant = await trialGrant(cli, options, manifest);
  const lines = new RunLines(cli);
  await using endpoint = await tryEndpoint(module, {
    ...(grant && { grant }),
    ...(manifest && { life: manifest.life }),
    signal,
    onEvent: (event) => lines.event(event),
    onRun: ({ outcome, figures }) => lines.end({ ...outcomeOf(outcome), ...figures }),
  });
  if (path === undefined) return await serveEndpoint(cli, endpoint, { port, signal });
  const json = options.input === undefined ? undefined : await readInput(cli, options.input);
  return await fetchOnce(cli, endpoint, { path, json, signal });
}

function portOf(serve: string | true | undefined): number {
  if (serve === undefined || serve === true) return 0;
  if (/^\d{1,5}$/.test(serve) && Number(serve) < 65_536) return Number(serve);
  throw new CliError("usage", `Cannot serve on port ${JSON.stringify(serve)} as it is none`);
}

function outcomeOf(outcome: Outcome): Pick<EndedRun, "outcome" | "detail"> {
  return { outcome: outcome.outcome, detail: outcome.outcome === "ok" ? null : outcome.detail };
}

async function readModule(cli: Cli, file: string): Promise<LocalModule> {
  const path = await modulePathOf(cli.path(file));
  const shown = path === cli.path(file) ? file : `${file}/${basename(path)}`;
  const bytes = await readUserFile(path, shown, MAX_READ_BYTES);
  return { folder: dirname(path), name: basename(path), bytes };
}

/** What `--grant` says; without it no permission, and the capabilities that the manifest asks for. */
async function trialGrant(
  cli: Cli,
  options: Options,
  manifest: NearManifest | undefined,
): Promise<TrialGrant | undefined> {
  const capabilities = manifest?.capabilities ?? [];
  if (options.grant === undefined && capabilities.length === 0) return undefined;
  const [{ notLent }, { grantOfManifest }] = await Promise.all([
    import("../../author/trial/trial_lending.ts"),
    import("../../author/testing/manifest_grant.ts"),
  ]);
  const grant = options.grant === undefined
    ? grantOfManifest({ requests: [], capabilities }).grant
    : await readGrant(cli, options.grant);
  for (const name of notLent(grant)) {
    cli.note(`${cli.err.cyan("hint:")} ${name} is lent by agents alone, so ctx has none here`);
  }
  return grant;
}

type NearManifest = Pick<Manifest, "inputSchema" | "life" | "capabilities">;

/** The manifest beside a module; one with mistakes is for `pack` to tell. */
async function manifestBeside(
  cli: Cli,
  { folder, name }: LocalModule,
): Promise<NearManifest | undefined> {
  const file = `${folder}/manifest.yaml`;
  if (!await isFile(file)) return undefined;
  const { parseManifestFile } = await import("../../author/manifest_file.ts");
  try {
    const { module, manifest } = parseManifestFile(await Deno.readTextFile(file), file);
    return module === name ? manifest : undefined;
  } catch (error) {
    const mistakes = printableLines((error as Error).message);
    const hint = "manifest.yaml has mistakes, so the input was not checked";
    cli.note(`${cli.err.cyan("hint:")} ${hint}: ${mistakes}`);
    return undefined;
  }
}

/** A folder stands for the `mod.ts` in it. */
async function modulePathOf(path: string): Promise<string> {
  return await isFolder(path) ? `${path}/mod.ts` : path;
}

function openUserFile<T>(cli: Cli, file: string, open: (path: string) => T): T {
  try {
    return open(cli.path(file));
  } catch (error) {
    throw fileError("read", file, error);
  }
}
