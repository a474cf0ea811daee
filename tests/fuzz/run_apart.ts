import { fileURLToPath } from "node:url";
import type { FuzzOptions, FuzzReport } from "./run_target.ts";
import type { Target } from "./target.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));
/** Past its time, a target may finish one input and shrink another. */
const GRACE_MS = 30_000;

/**
 * Fuzzes a target in a process of its own, so that an input that ends the process or never comes
 * back is a finding like any other.
 */
export async function runApart(target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const { seconds, seed, path = "" } = options;
  const inputFile = await Deno.makeTempFile({ prefix: "writ-fuzz-" });
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      WORKER,
      target.name,
      String(seconds),
      String(seed),
      path,
      inputFile,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let hung = false;
  const deadline = setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
  }, seconds * 1000 + GRACE_MS);
  const started = performance.now();
  try {
    const { success, code, signal, stdout, stderr } = await child.output();
    if (success) return JSON.parse(new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1)!);
    const end = hung ? "did not come back" : `ended the process: ${signal ?? `exit ${code}`}`;
    const said = new TextDecoder().decode(stderr).trim();
    return {
      name: target.name,
      inputs: 0,
      seconds: Math.round((performance.now() - started) / 100) / 10,
      seed,
      failure: {
        path: "",
        input: await Deno.readTextFile(inputFile),
        error: `${end}\n${said}`.trim(),
      },
    };
  } finally {
    clearTimeout(deadline);
    await Deno.remove(inputFile);
  }
}
