import assert from "node:assert/strict";
import { detectHost } from "../../runtime/sandbox/mod.ts";
import { fromFileUrl } from "./paths.ts";
import { commandLines, isAlive } from "./proc.ts";

const HOST = fromFileUrl(new URL("controls/doomed_host.ts", import.meta.url));
const STARTING_HOST = fromFileUrl(new URL("controls/starting_host.ts", import.meta.url));
const { level } = await detectHost();

for (const highest of [1, 2]) {
  Deno.test({
    name: "no cell outlives an agent that ends by kill -9, be it idle, spinning or stopped, " +
      `at level ${highest}`,
    ignore: level < highest,
    async fn() {
      const pids = await cellsOfKilledHost("bound", highest);
      for (const [kind, pid] of Object.entries(pids)) {
        await untilGone(pid, `the ${kind} cell`);
      }
    },
  });

  Deno.test({
    name: `control: a stopped cell that is not bound outlives its agent at level ${highest}`,
    ignore: level < highest,
    async fn() {
      const { stopped, ...others } = await cellsOfKilledHost("unbound", highest);
      try {
        // These end by themselves when stdin does, after the parent's death.
        for (const [kind, pid] of Object.entries(others)) await untilGone(pid, `the ${kind} cell`);
        assert.ok(isAlive(stopped!));
      } finally {
        Deno.kill(stopped!, "SIGKILL");
      }
    },
  });
}

Deno.test("no cell outlives an agent that ends by kill -9 while its cells start", async () => {
  // From before the first process of a chain to after the last has become Deno.
  for (const ms of [0, 2, 4, 6, 8, 10, 14, 20, 30]) {
    // A limit that no other cell of this machine has.
    const mebibytes = 70 + crypto.getRandomValues(new Uint16Array(1))[0]!;
    const host = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", STARTING_HOST, String(mebibytes)],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = host.stdout.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, ms));
    host.kill("SIGKILL");
    await host.status;
    await reader.cancel();
    await untilNone(`--max-old-space-size=${mebibytes}`);
  }
});

/** Starts a host with one cell of each kind, kills it, and returns the pids of the cells. */
async function cellsOfKilledHost(
  mode: "bound" | "unbound",
  highest: number,
): Promise<Record<string, number>> {
  const host = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", HOST, mode, String(highest)],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = host.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  const pids: Record<string, number> = JSON.parse(value!);
  for (const [kind, pid] of Object.entries(pids)) assert.ok(isAlive(pid), `the ${kind} cell lives`);
  host.kill("SIGKILL");
  await host.status;
  await reader.cancel();
  return pids;
}

/** @throws {AssertionError} when the process is still there after five seconds */
async function untilGone(pid: number, what: string): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (isAlive(pid)) {
    assert.ok(performance.now() < deadline, `${what} outlives its agent`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** @throws {AssertionError} when a process with `mark` on its command line is there after five seconds */
async function untilNone(mark: string): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (commandLines().some((line) => line.includes(mark))) {
    assert.ok(performance.now() < deadline, `a cell with ${mark} outlives its agent`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
