/** An agent in a process of its own on a disk that is really full. */
import assert from "node:assert/strict";
import { AuditReader } from "../../runtime/agent/mod.ts";
import { FleetFolder } from "../cli/fleet_folder.ts";
import type { Ran } from "../cli/test_io.ts";
import { Service } from "../real/service.ts";
import { taskCommand } from "../real/task_command.ts";
import { assertClearError, assertNoStackTrace } from "./clear_error.ts";
import { fill } from "./fill.ts";
import { runAgent } from "./run_agent.ts";
import { hasTinyDisks, onTinyDisk } from "./tiny_disk.ts";

const ignore = !hasTinyDisks();
const DISK_KILOBYTES = 2_000;

/** A fleet with a published script and a folder for a disk to be mounted on. */
async function fleetWithDisk(): Promise<FleetFolder> {
  const fleet = await FleetFolder.make();
  await fleet.publishHello();
  Deno.mkdirSync(`${fleet.path}/state`, { mode: 0o700 });
  return fleet;
}

Deno.test({
  name: "writ agent on a full disk refuses what it cannot store, and goes on when there is room",
  ignore,
  async fn(t) {
    using fleet = await fleetWithDisk();
    const [program, ...disk] = onTinyDisk(`${fleet.path}/state`, DISK_KILOBYTES);
    const { service } = await Service.start(program, {
      args: [...disk, Deno.execPath(), ...taskCommand("agent", fleet.path, [])],
      env: Deno.env.toObject(),
      ready: /^writ agent ready at http:/m,
    });
    await using agent = service;
    const state = `/proc/${agent.pid}/root${fleet.path}/state`;
    const ask = (...args: string[]) => fleet.writ([...args, "--state", state, "--json"]);
    const order = (...args: string[]) => ask("order", "example/hello", "--follow", ...args);
    const runs = async () => (await ask("runs")).json<{ runs: unknown[] }>().runs.length;
    assert.equal((await order()).json().run, 1);

    fill(`${state}/filler`);
    await t.step("an order", async () => assertClearError(await order(), 1, "disk_full"));
    await t.step("a document", async () => {
      fleet.file("letter.txt", "x".repeat(100_000));
      assertClearError(await order("--attach", "letter.txt"), 1, "disk_full");
      assert.deepEqual([...Deno.readDirSync(`${state}/blobs/incoming`)], [], "nothing is left");
    });
    await t.step("and shows what it stored before", async () => {
      assert.equal(await runs(), 1);
    });

    Deno.removeSync(`${state}/filler`);
    await t.step("with room again it takes both", async () => {
      assert.equal((await order("--attach", "letter.txt")).json().run, 2);
      assert.equal(await runs(), 2);
      // While nothing is written, a copy of the files is a state that holds.
      const copy = `${fleet.path}/copy`;
      for (const name of ["agent.db", "agent.db-wal", "agent.key", "audit.head"]) {
        fleet.file(`copy/${name}`, Deno.readFileSync(`${state}/${name}`));
      }
      using audit = AuditReader.open(copy);
      assert.deepEqual(audit.verify().ok, true);
    });

    fill(`${state}/filler`);
    await t.step("and stops in order on a full disk", async () => {
      assert.equal((await agent.stop()).code, 0);
      assertNoStackTrace(agent.output.join(""));
    });
  },
});

/** Starts an agent on a full disk that holds `seed`, and afterwards copies the disk to `out`. */
const START_ON_FULL_DISK = `
seed=$0 state=$1 out=$2; shift 2
cp -a "$seed/." "$state"
dd if=/dev/zero of="$state/filler" bs=4k 2>/dev/null
"$@"; code=$?
rm "$state/filler"; cp -a "$state/." "$out"; exit $code`;

Deno.test({
  name: "writ agent does not start on a full disk, and leaves its state as it was",
  ignore,
  async fn(t) {
    using fleet = await fleetWithDisk();
    const start = async (seed: string, out: string): Promise<Ran> => {
      for (const name of [seed, out]) {
        Deno.mkdirSync(`${fleet.path}/${name}`, { recursive: true, mode: 0o700 });
      }
      const state = `${fleet.path}/state`;
      const [program, ...disk] = onTinyDisk(state, DISK_KILOBYTES);
      const script = ["sh", "-c", START_ON_FULL_DISK];
      const places = [`${fleet.path}/${seed}`, state, `${fleet.path}/${out}`];
      const agent = [Deno.execPath(), ...taskCommand("agent", fleet.path, ["--json"])];
      const output = await new Deno.Command(program, {
        args: [...disk, ...script, ...places, ...agent],
        stdin: "null",
        signal: AbortSignal.timeout(20_000),
      }).output();
      const [stdout, stderr] = [output.stdout, output.stderr]
        .map((bytes) => new TextDecoder().decode(bytes));
      return {
        exit: output.code,
        stdout: stdout!,
        stderr: stderr!,
        json: () => JSON.parse(stdout!),
      };
    };
    await t.step("the first time", async () => {
      assertClearError(await start("nothing", "first"), 1, "disk_full");
      assert.equal((await runAgent(fleet, ["--state", `${fleet.path}/first`])).exit, 0);
    });
    await t.step("with state of before", async () => {
      const before = (await runAgent(fleet, ["--state", `${fleet.path}/seed`])).json();
      assertClearError(await start("seed", "second"), 1, "disk_full");
      using audit = AuditReader.open(`${fleet.path}/second`);
      assert.ok(audit.verify().ok);
      const after = await runAgent(fleet, ["--state", `${fleet.path}/second`]);
      assert.equal(after.json().agent, before.agent);
    });
  },
});
