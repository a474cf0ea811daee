import { stripVTControlCharacters } from "node:util";
import { ROOT } from "./project/project_files.ts";

/** What came of one call of `deno test`. */
export interface Ran {
  readonly success: boolean;
  readonly passed: number;
  readonly failed: number;
  /** What it told of those that failed, as it told it. */
  readonly failures: string;
}

/** The longest that one test, or one step of a test, may take. */
const LONGEST_MS = 12 * 60_000;
const RESULT = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/;
const ENDED = / (?:ok|FAILED|ignored) \((?:\d+(?:ms|s|m|µs))+\)$/;
const NEXT_FILE = /^running \d+ tests? from /;

const encoder = new TextEncoder();
// Deno tells a task where its user stood; a task that a test starts is to find out for itself.
const { INIT_CWD: _, ...env } = Deno.env.toObject();
const colours = Deno.stdout.isTerminal() && !Deno.noColor;

/**
 * Calls `deno test`, also for doc examples, and shows what it says, the lines of each file together.
 * What it tells of failures at the end is not shown, but answered.
 *
 * A call in which nothing ends for {@linkcode LONGEST_MS} is killed, and what it said last is shown.
 *
 * @param args Flags and paths.
 */
export async function runTests(args: readonly string[]): Promise<Ran> {
  const tests = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--doc", ...args],
    cwd: ROOT,
    clearEnv: true,
    env: { ...env, ...(colours ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" }) },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let last = "";
  const hung = () => {
    const text = `\nNothing ended for ${LONGEST_MS / 60_000} min. Last said: ${last}\n`;
    Deno.stderr.writeSync(encoder.encode(text));
    tests.kill("SIGKILL");
  };
  let watch = setTimeout(hung, LONGEST_MS);
  // Files that do not even load or pass the type check leave no result.
  let result: RegExpExecArray | null = null;
  let failures = "";
  let shown = "";
  for await (const line of linesOf(tests.stdout)) {
    last = stripVTControlCharacters(line).trimEnd();
    if (isEnd(last)) {
      clearTimeout(watch);
      watch = setTimeout(hung, LONGEST_MS);
    }
    result = RESULT.exec(last) ?? result;
    if (failures !== "" || last === " ERRORS") failures += line;
    else {
      if (NEXT_FILE.test(last)) shown = show(shown);
      shown += line;
    }
  }
  show(shown);
  clearTimeout(watch);
  const { success } = await tests.status;
  const [, passed = "0", failed = success ? "0" : "1"] = result ?? [];
  return { success, passed: Number(passed), failed: Number(failed), failures };
}

/**
 * Whether a line says that a test or a step has ended: `adds two numbers ... ok (3ms)`. Of one that
 * takes long Deno says so after a minute, after two, after four…: nothing ends by that.
 */
export function isEnd(line: string): boolean {
  return ENDED.test(line);
}

function show(text: string): "" {
  Deno.stdout.writeSync(encoder.encode(text));
  return "";
}

/** Lines with their ends. */
async function* linesOf(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let pending = "";
  for await (const chunk of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (pending + chunk).split("\n");
    pending = lines.pop()!;
    for (const line of lines) yield `${line}\n`;
  }
  if (pending !== "") yield pending;
}
