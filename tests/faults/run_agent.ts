import { runCli } from "../../runtime/cli/mod.ts";
import type { FleetFolder } from "../cli/fleet_folder.ts";
import { type Ran, ranWith, TestIo, type TestIoOptions } from "../cli/test_io.ts";

/**
 * Runs `writ agent` in a fleet folder until it has started, and stops it at once: a start that
 * must fail and does not shows as exit code 0, and never as a test without end.
 */
export async function runAgent(
  fleet: FleetFolder,
  args: readonly string[] = [],
  options: TestIoOptions = {},
): Promise<Ran> {
  const io = new TestIo({ cwd: fleet.path, ...options });
  io.written("out", /"url"/).then(() => io.raise("SIGTERM"));
  return ranWith(io, await runCli(["agent", "--prewarm", "0", "--json", ...args], io));
}
