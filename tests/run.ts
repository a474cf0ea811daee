/**
 * Runs all tests and doc examples, or those of the paths given, and closes with one line that a
 * person and a machine can read: `N passed, N failed`. Failures stand last before it. Every flag
 * of `deno test` may be added. A test that never ends is named, and ends the whole run.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

const ROOT = new URL("..", import.meta.url);
/** Doc examples lie in runtime/, tests in tests/. */
const EVERYTHING = ["runtime", "tests"];
/** The longest that one test, or one step of a test, may take. */
const LONGEST_MS = 12 * 60_000;
const RESULT = /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed/;
/** `adds two numbers ... ok (3ms)` */
const ENDED = / \((?:\d+(?:ms|s|m|µs))+\)$/;

const paths = Deno.args.some((arg) => !arg.startsWith("-")) ? [] : EVERYTHING;
// Deno tells a task where its user stood; a task that a test starts is to find out for itself.
const { INIT_CWD: _, ...env } = Deno.env.toObject();
const colours = Deno.stdout.isTerminal() && !Deno.noColor;
const tests = new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", "--doc", ...Deno.args, ...paths],
  cwd: ROOT,
  clearEnv: true,
  env: { ...env, ...(colours ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" }) },
  stdin: "null",
  stdout: "piped",
}).spawn();

let said = "";
const hung = () => {
  const text = `\nNothing ended for ${LONGEST_MS / 60_000} min. Last said: ${said}\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(text));
  tests.kill("SIGKILL");
};
let watch = setTimeout(hung, LONGEST_MS);

// Files that do not even load or pass the type check leave no result.
let passed = "0";
let failed = "1";
let pending = "";
const decoder = new TextDecoder();
for await (const chunk of tests.stdout) {
  Deno.stdout.writeSync(chunk);
  const lines = (pending + decoder.decode(chunk, { stream: true })).split("\n");
  pending = lines.pop()!;
  for (const line of lines) {
    said = stripVTControlCharacters(line);
    if (ENDED.test(said)) {
      clearTimeout(watch);
      watch = setTimeout(hung, LONGEST_MS);
    }
    const result = RESULT.exec(said);
    if (result) [passed, failed] = [result[1]!, result[2]!];
  }
}
const { code } = await tests.status;
clearTimeout(watch);
Deno.stdout.writeSync(new TextEncoder().encode(`${passed} passed, ${failed} failed\n`));
Deno.exit(code);
