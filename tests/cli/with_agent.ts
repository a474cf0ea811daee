import assert from "node:assert/strict";
import { runCli } from "../../runtime/cli/mod.ts";
import type { FleetFolder } from "./fleet_folder.ts";
import { TestIo } from "./test_io.ts";

/** `writ agent` in a fleet folder, for as long as `body` takes. It loads a policy when told. */
export async function withAgent(
  fleet: FleetFolder,
  body: (agent: TestIo) => Promise<void>,
): Promise<void> {
  const io = new TestIo({ cwd: fleet.path });
  const exit = runCli(["agent", "--prewarm", "0", "--no-watch", "--json"], io);
  await Promise.race([
    io.written("out", /\n/),
    exit.then(() => {
      throw new Error(io.err);
    }),
  ]);
  try {
    await body(io);
  } finally {
    io.raise("SIGTERM");
    assert.equal(await exit, 0);
  }
}
