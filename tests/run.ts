/**
 * Runs all tests and doc examples, or those of the paths given, and closes with one line that a
 * person and a machine can read: `N passed, N failed`. Failures stand last before it. Every flag
 * of `deno test` may be added. A test that never ends is named, and ends the whole run.
 *
 * Without paths all types are checked first. Then two folders of tests run at any time, as most tests
 * wait for other processes and one at a time leaves a processor idle; those that measure run alone.
 *
 * @module
 */

import { ROOT } from "./project/project_files.ts";
import { type Ran, runTests } from "./run_tests.ts";

/** What takes longest begins first, so that nothing long is left over at the end. */
const LONGEST_FIRST = ["co_browse", "hub", "agent", "capabilities", "cli"];
/** What looks at how long something takes, or how much of a processor it gets. */
const ALONE = ["bench", "gate", "hostile", "real", "sandbox", "soak"];
const LANES = 2;

const encoder = new TextEncoder();
const flags = Deno.args.filter((arg) => arg.startsWith("-"));
const paths = Deno.args.filter((arg) => !arg.startsWith("-"));

const all = paths.length > 0 ? [await runTests([...flags, ...paths])] : await runEverything();
const sum = (count: (ran: Ran) => number) => all.reduce((total, ran) => total + count(ran), 0);
const failures = all.map((ran) => ran.failures).join("");
const end = `${failures}${sum((ran) => ran.passed)} passed, ${sum((ran) => ran.failed)} failed\n`;
Deno.stdout.writeSync(encoder.encode(end));
Deno.exit(all.some((ran) => !ran.success) ? 1 : 0);

async function runEverything(): Promise<Ran[]> {
  const checked = await runTests([...flags, "--no-run", "runtime", "tests"]);
  if (!checked.success) return [checked];
  const names = testFolders();
  const beside = names.filter((name) => !ALONE.includes(name)).map((name) => `tests/${name}`);
  const alone = names.filter((name) => ALONE.includes(name)).map((name) => `tests/${name}`);
  return [...await runFolders([...beside, "runtime"], LANES), ...await runFolders(alone, 1)];
}

/** Runs the tests of folders, so many at any time; their types were checked. */
async function runFolders(folders: string[], lanes: number): Promise<Ran[]> {
  const ran: Ran[] = [];
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (let next = folders.shift(); next !== undefined; next = folders.shift()) {
      ran.push(await runTests([...flags, "--no-check", "--permit-no-files", next]));
    }
  }));
  return ran;
}

/** The folders of tests/. */
function testFolders(): string[] {
  const names = [...Deno.readDirSync(`${ROOT}/tests`)]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  const rank = (name: string) =>
    LONGEST_FIRST.includes(name) ? LONGEST_FIRST.indexOf(name) : LONGEST_FIRST.length;
  return names.sort((a, b) => rank(a) - rank(b));
}
