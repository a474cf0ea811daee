import { builtOf } from "../build_module.ts";
import { bundleScript } from "../bundle/bundle_script.ts";
import { AuthorError } from "../errors.ts";
import { isFolder } from "../path_kind.ts";
import { runInCell, type TryOptions, type TryReport } from "../run_in_cell.ts";
import harness from "./harness.js" with { type: "text" };

/** What became of one test. */
export interface TestResult {
  readonly name: string;
  /** `unfinished` when its run ended while it was under way. */
  readonly state: "ok" | "failed" | "unfinished";
  readonly ms: number;
  /** The stack trace of what it threw. */
  readonly error?: string;
}

/** How the tests of a script ended. */
export interface TestReport {
  /** Whether there were tests and all passed. */
  readonly ok: boolean;
  readonly tests: readonly TestResult[];
  /** Of the cell that ran them; tests may fail in one that ends as `ok`. */
  readonly run: TryReport;
}

/** How {@linkcode testScript} tests. */
export interface TestOptions extends Omit<TryOptions, "input" | "attachments"> {
  /** Only tests whose name holds this. Default: all. */
  readonly filter?: string;
  /** Told as each test ends. */
  readonly onTest?: (result: TestResult) => void;
}

const TEST_FILE = /_test\.m?[jt]s$/;
/** Never a file of the author's: those are asked for by paths that begin with a dot. */
const ENTRY = "tests.js";

/**
 * Runs the tests in a script's folder, all files `*_test.ts`, in one cell and under one grant: what
 * a test may touch is what the script may.
 *
 * @param folder Absolute.
 * @throws {AuthorError} no_tests – when the folder has none
 * @throws {AuthorError} bundle – when the tests' files make no module
 * @throws {PolicyError}, {CellError} – as `runInCell`
 */
export async function testScript(folder: string, options: TestOptions = {}): Promise<TestReport> {
  const { filter = "", onTest, onEvent, ...rest } = options;
  const files = await testFilesIn(folder);
  const tests: TestResult[] = [];
  let begun: string | undefined;
  const virtual = { [ENTRY]: entryOf(files), "writ/test": harness };
  const run = await runInCell(
    ENTRY,
    async (how) => await builtOf(ENTRY, await bundleScript(folder, ENTRY, { virtual }), how),
    {
      ...rest,
      input: { filter },
      onEvent(event) {
        const result = event.type === "event" && event.name === "test" && resultOf(event.data);
        if (!result) return onEvent?.(event);
        begun = result.state === "unfinished" ? result.name : undefined;
        if (begun !== undefined) return;
        tests.push(result);
        onTest?.(result);
      },
    },
  );
  if (begun !== undefined) {
    const left: TestResult = { name: begun, state: "unfinished", ms: 0 };
    tests.push(left);
    onTest?.(left);
  }
  const passed = tests.length > 0 && tests.every(({ state }) => state === "ok");
  return { ok: passed && run.outcome === "ok", tests, run };
}

async function testFilesIn(folder: string): Promise<string[]> {
  if (!await isFolder(folder)) {
    throw new AuthorError("no_tests", `Cannot test "${folder}" as it is no folder`);
  }
  const files: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && TEST_FILE.test(name)) files.push(name);
  }
  if (files.length > 0) return files.sort();
  const hint = "write mod_test.ts beside mod.ts; writ new makes one";
  throw new AuthorError("no_tests", `Cannot test "${folder}" as it has no *_test.ts`, hint);
}

function entryOf(files: readonly string[]): string {
  return [
    ...files.map((file) => `import ${JSON.stringify(`./${file}`)};`),
    'import { runTests } from "writ/test";',
    "export default { run: runTests };",
  ].join("\n");
}

/** The events are the script's too, which may send anything under that name. */
function resultOf(data: unknown): TestResult | undefined {
  const { name, state, ms = 0, error } = Object(data) as Record<string, unknown>;
  if (typeof name !== "string" || typeof ms !== "number") return undefined;
  if (state === "begun") return { name, state: "unfinished", ms };
  if (state !== "ok" && state !== "failed") return undefined;
  return { name, state, ms, ...(typeof error === "string" && { error }) };
}
