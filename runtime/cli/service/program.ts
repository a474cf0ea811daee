import { fileURLToPath } from "node:url";
import { exists } from "../../author/path_kind.ts";
import { START_FILE } from "../../core/release_files.ts";
import { CliError } from "../errors.ts";
import { LAUNCH_TEXT, START_TEXT } from "./start_scripts.ts";
import { SMALL } from "./unit.ts";

/** What the unit starts. */
const LAUNCH_FILE = "launch";
/** What the service runs: no tests, no scripts of others. */
const PARTS = ["main.ts", "runtime", "deno.json", "deno.lock", "LICENSE"];
/** Where Deno looks for npm packages when nothing names another registry. */
const REGISTRY = "npm/registry.npmjs.org";

/**
 * Copies this program, the Deno that runs it and the packages it needs into one folder, so that
 * the service depends on no home, no checkout and no network.
 *
 * @param target Made; the program of another version stands beside it untouched.
 * @param denoFrom The Deno that is copied. Default: the one that runs this.
 * @throws {CliError} refused – the copy does not start
 */
export async function copyProgram(target: string, denoFrom = Deno.execPath()): Promise<void> {
  const source = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");
  await makeFolder(target);
  for (const part of PARTS) await copyTree(`${source}/${part}`, `${target}/${part}`);
  const deno = `${target}/deno`;
  // A binary that is running cannot be written, only replaced.
  await Deno.copyFile(denoFrom, `${deno}.new`);
  await Deno.chmod(`${deno}.new`, 0o755);
  await Deno.rename(`${deno}.new`, deno);
  await copyPackages(`${source}/deno.lock`, `${target}/cache/${REGISTRY}`);
  for (const [name, text] of [[START_FILE, START_TEXT], [LAUNCH_FILE, LAUNCH_TEXT]] as const) {
    await Deno.writeTextFile(`${target}/${name}`, text);
    await Deno.chmod(`${target}/${name}`, 0o755);
  }
  await tryProgram(target);
}

/**
 * Runs it once as the service will, and loads the agent, which also leaves compiled code in the
 * cache: the service may not write there.
 */
async function tryProgram(target: string): Promise<void> {
  const args = ["run", "--no-prompt", "--ignore-env", "--cached-only", ...SMALL, "--allow-read"];
  const entries = [["main.ts", "agent", "--help"], ["runtime/agent/mod.ts"]];
  for (const [file, ...rest] of entries) {
    const entry = ["--config", `${target}/deno.json`, `${target}/${file}`, ...rest];
    const { success, stderr } = await run(`${target}/deno`, [...args, ...entry], {
      DENO_DIR: `${target}/cache`,
      DENO_NO_UPDATE_CHECK: "1",
    });
    if (success) continue;
    throw new CliError("refused", `Cannot install as the copy does not start: ${stderr}`);
  }
}

/** Removes what Deno compiled as it tried a copy: it is for the path that the copy has. */
export async function removeCompiled(target: string): Promise<void> {
  for await (const { name } of Deno.readDir(`${target}/cache`)) {
    if (name !== "npm") await Deno.remove(`${target}/cache/${name}`, { recursive: true });
  }
}

async function copyPackages(lockfile: string, target: string): Promise<void> {
  const lock = JSON.parse(await Deno.readTextFile(lockfile)) as { npm: Record<string, unknown> };
  const { stdout } = await run(Deno.execPath(), ["info", "--json"]);
  const cache = (JSON.parse(stdout) as { npmCache: string }).npmCache;
  const registries = (await Array.fromAsync(Deno.readDir(cache))).map(({ name }) => name);
  for (const key of Object.keys(lock.npm)) {
    // A copy of a package for certain peers is named after them: name@1.0.0_peer@2.0.0.
    const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(key)!;
    const registry = await firstWith(registries, (r) => `${cache}/${r}/${name}/${version}`);
    if (registry === undefined) continue; // of another system, or for tests: never fetched here
    const from = `${cache}/${registry}/${name}`;
    await copyTree(`${from}/${version}`, `${target}/${name}/${version}`);
    await copyTree(`${from}/registry.json`, `${target}/${name}/registry.json`);
  }
}

async function firstWith(names: readonly string[], path: (name: string) => string) {
  for (const name of names) {
    if (await exists(path(name))) return name;
  }
  return undefined;
}

/** Copies a file or folder so that everybody may read it and its owner alone write. */
export async function copyTree(from: string, to: string): Promise<void> {
  const { isDirectory } = await Deno.stat(from);
  if (!isDirectory) {
    await makeFolder(to.slice(0, to.lastIndexOf("/")));
    await Deno.copyFile(from, to);
    return await Deno.chmod(to, 0o644);
  }
  await makeFolder(to);
  for await (const { name } of Deno.readDir(from)) {
    await copyTree(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Makes a folder that everybody may enter, whatever the umask. */
export async function makeFolder(path: string): Promise<void> {
  if (await exists(path)) return;
  await makeFolder(path.slice(0, path.lastIndexOf("/")) || "/");
  await Deno.mkdir(path);
  await Deno.chmod(path, 0o755);
}

/** Runs a program by way of one that Writ has the right to start. */
export async function run(
  program: string,
  args: readonly string[],
  env?: Record<string, string>,
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const output = await new Deno.Command("/usr/bin/setpriv", {
    args: ["--no-new-privs", program, ...args],
    ...(env && { env, clearEnv: true }),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const [stdout, stderr] = [decoder.decode(output.stdout), decoder.decode(output.stderr)];
  return { success: output.success, stdout, stderr: stderr.trim().slice(0, 1_000) };
}
