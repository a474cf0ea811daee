const ROOT = new URL("../../", import.meta.url).pathname;

/**
 * The command line that a task of `deno.json` stands for, without the task shell between: the
 * child is then the program itself, with the task's own rights, and can be signalled.
 *
 * @param name Of the task.
 * @param folder Where the user stands, `$INIT_CWD`.
 * @param args What the user adds.
 * @returns arguments of the Deno that runs the tests.
 */
export function taskCommand(name: string, folder: string, args: readonly string[]): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const [program, ...rest] = (tasks[name].command as string)
    .replaceAll(/\$\(deno eval -p '?Deno\.execPath\(\)'?\)/g, Deno.execPath())
    .replaceAll('"', "")
    // What it sets in the environment, the tests set themselves.
    .replace(/^(?:[A-Z_]+=\S+ )+/, "")
    .split(" ")
    .map((word) => word.replaceAll("$INIT_CWD", folder));
  if (program !== "deno" || rest.some((word) => /[$'`]/.test(word))) {
    throw new Error(`Cannot read task "${name}" of deno.json: ${tasks[name].command}`);
  }
  return [...rest.map((word) => word === "main.ts" ? ROOT + word : word), ...args];
}

/** What a command that ended by itself left behind. */
export interface TaskResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What hangs ends then; a demo of four real programs takes more than a minute of a busy machine. */
const LONGEST_MS = 300_000;

/** Runs a task to its end. */
export async function runTask(
  name: string,
  folder: string,
  args: readonly string[],
): Promise<TaskResult> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: taskCommand(name, folder, args),
    env: { NO_COLOR: "1" },
    stdin: "null",
    signal: AbortSignal.timeout(LONGEST_MS),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
