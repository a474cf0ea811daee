import { exists } from "../../author/path_kind.ts";
import type { TestReport, TestResult } from "../../author/testing/test_script.ts";
import type { Grant } from "../../core/documents/grant.ts";
import { printable, printableLines } from "../../core/printable.ts";
import { readUserFile } from "../arguments/files.ts";
import type { Cli, Registry } from "../cli.ts";
import { readGrant } from "../policy/grant.ts";
import { describeOutcome, hintFor } from "../runs/outcome_words.ts";
import { RunLines } from "../runs/run_lines.ts";
import { catchInterrupt } from "../terminal/io.ts";
import { rerunOnChange } from "../trying/watch.ts";

interface Options {
  grant?: string;
  filter?: string;
  watch?: boolean;
}

const MANIFEST_BYTES = 1 << 20;

/** `writ test`: the author's tests, in the cell and under the rights that the script asks for. */
export function addTest(registry: Registry): void {
  registry.command(
    "test [dir]",
    "run a script's tests, *_test.ts, in a cell with the rights its manifest asks for",
    "writ test scripts/hello",
  )
    .option("--grant <file>", "the permissions and limits to run with (default: the manifest's)")
    .option("--filter <text>", "only tests whose name holds this")
    .option("--watch", "run them again after each change")
    .action(registry.action(runTests));
}

async function runTests(cli: Cli, dir = ".", options: Options): Promise<number> {
  const folder = cli.path(dir);
  if (options.watch) {
    return await rerunOnChange(cli, folder, (signal) => testOnce(cli, dir, options, signal));
  }
  using interrupt = catchInterrupt(cli.io);
  return await testOnce(cli, dir, options, interrupt.signal);
}

async function testOnce(
  cli: Cli,
  dir: string,
  options: Options,
  signal: AbortSignal,
): Promise<number> {
  const { testScript } = await import("../../author/testing/test_script.ts");
  const grant = options.grant === undefined
    ? await grantAsked(cli, dir)
    : await readGrant(cli, options.grant);
  const lines = new RunLines(cli);
  const report = await testScript(cli.path(dir), {
    ...(grant && { grant }),
    ...(options.filter !== undefined && { filter: options.filter }),
    signal,
    onEvent: (event) => lines.event(event),
    onTest: (result) => cli.note(testLine(cli, result)),
  });
  if (signal.aborted) return 1;
  tellEnd(cli, report);
  return report.ok ? 0 : 1;
}

/** Without a manifest the tests hold no right at all. */
async function grantAsked(
  cli: Cli,
  dir: string,
): Promise<Pick<Grant, "permissions" | "limits" | "capabilities"> | undefined> {
  const path = cli.path(`${dir}/manifest.yaml`);
  if (!await exists(path)) return undefined;
  const [{ parseManifestFile }, { grantOfManifest }] = await Promise.all([
    import("../../author/manifest_file.ts"),
    import("../../author/testing/manifest_grant.ts"),
  ]);
  const shown = `${dir}/manifest.yaml`;
  const text = new TextDecoder().decode(await readUserFile(path, shown, MANIFEST_BYTES));
  const { grant, left } = grantOfManifest(parseManifestFile(text, shown).manifest);
  for (const { permission, value } of left) {
    const what = value === undefined ? `${permission} without a value` : `${permission} ${value}`;
    cli.note(
      `${cli.err.cyan("hint:")} the tests run without ${printable(what)}: give --grant FILE`,
    );
  }
  return grant;
}

function testLine(cli: Cli, { name, state, ms, error }: TestResult): string {
  const { green, red, dim } = cli.err;
  if (state === "ok") return `${green("ok")}      ${printable(name)} ${dim(`(${ms} ms)`)}`;
  const trace = error === undefined ? "" : `\n  ${printableLines(error, "  ")}`;
  return `${red(state === "failed" ? "FAILED" : "UNFINISHED")}  ${printable(name)}${trace}`;
}

function tellEnd(cli: Cli, { ok, tests, run }: TestReport): void {
  if (run.outcome !== "ok") {
    cli.note(`${cli.err.red(run.outcome)}${describeOutcome(run)}`);
    const hint = hintFor(run);
    if (hint) cli.note(`${cli.err.cyan("hint:")} ${printable(hint)}`);
  }
  const passed = tests.filter(({ state }) => state === "ok").length;
  const { outcome, detail, cpuMs, wallMs, peakBytes, level, logs } = run;
  const figures = { outcome, detail, cpuMs, wallMs, peakBytes, level, logs };
  cli.answer(
    { ok, passed, failed: tests.length - passed, tests, ...figures },
    () => `${passed} passed, ${tests.length - passed} failed`,
  );
}
