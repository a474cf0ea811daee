import { CellError } from "./errors.ts";
import { confinement, denoLinks, type Host } from "./host.ts";

/** Prints VmData of an empty cell: two isolates, the second a worker with nothing in it. */
const PROBE = `
const worker = new Worker("data:text/javascript,postMessage(0)", {
  type: "module",
  deno: { permissions: "none" },
});
worker.onmessage = () => {
  const status = Deno.readTextFileSync("/proc/self/status");
  console.log(/VmData:\\s+(\\d+) kB/.exec(status)[1]);
  Deno.exit(0);
};`;

/**
 * Measures the RLIMIT_DATA that an empty cell needs on this machine: V8 reserves by the number of
 * processors that it sees, so no constant fits. The probe is the agent's own code. At level 2 it
 * is measured in a cell's own view, which hides some of what Deno counts processors by.
 *
 * @returns Bytes; 0 where memory is not limited this way (level 0).
 * @throws {CellError} calibration – the probe did not answer
 */
export async function calibrate(host: Host): Promise<number> {
  if (host.tools === undefined) return 0;
  // The agent's own binary: the copy that cells may need is not one the agent may run by itself.
  const links = host.view
    ? [...confinement(host, false), ...denoLinks(host, [])]
    : [Deno.execPath()];
  const [command, ...args] = links;
  const probe = new Deno.Command(command!, {
    args: [
      ...args,
      "run",
      "--quiet",
      "--no-config",
      "--no-lock",
      "--no-code-cache",
      "--unstable-worker-options",
      "--allow-all", // Deno lets a process read /proc only with every right
      `data:text/javascript,${encodeURIComponent(PROBE)}`,
    ],
    clearEnv: true,
    env: { DENO_DIR: "/dev/null/x", DENO_NO_UPDATE_CHECK: "1" },
    cwd: "/",
    stdin: "null",
  });
  const { stdout, stderr } = await outputOf(probe, command!);
  const kilobytes = Number(new TextDecoder().decode(stdout));
  if (!(kilobytes > 0)) {
    const cause = new TextDecoder().decode(stderr).trim().slice(0, 300);
    throw new CellError("calibration", `Cannot measure an empty cell: ${cause}`);
  }
  return kilobytes * 1024;
}

async function outputOf(probe: Deno.Command, deno: string): Promise<Deno.CommandOutput> {
  try {
    return await probe.output();
  } catch (cause) {
    throw new CellError("calibration", `Cannot start ${deno} to measure an empty cell`, { cause });
  }
}
