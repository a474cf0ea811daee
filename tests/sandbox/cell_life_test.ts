import assert from "node:assert/strict";
import { Cell } from "../../runtime/sandbox/cell.ts";
import { LoadedScript } from "../../runtime/sandbox/loaded_script.ts";
import { CellError, detectHost, Sandbox } from "../../runtime/sandbox/mod.ts";
import { calling, sealed } from "./cells.ts";
import { until } from "../until.ts";
import { childPids, strayDescriptors } from "./processes.ts";

const COUNTER = "(globalThis.n = 0, (step) => globalThis.n += step)";

Deno.test("LoadedScript.call() keeps a module's state from call to call", async () => {
  await using sandbox = await Sandbox.open();
  const script = sandbox.load(sealed(), calling(COUNTER));
  const results = [];
  for (const input of [1, 2, 3]) results.push((await script.call({ input })).outcome);
  assert.deepEqual(results, [1, 3, 6].map((result) => ({ outcome: "ok", result })));
});

Deno.test("LoadedScript.call() charges each call with its own processor time", async () => {
  await using sandbox = await Sandbox.open();
  const busy = "(ms) => { const end = performance.now() + ms; while (performance.now() < end); }";
  const script = sandbox.load(sealed({ cpuMs: 400 }), calling(busy));
  for (let i = 0; i < 4; i++) {
    const { outcome } = await script.call({ input: 150 });
    assert.equal(outcome.outcome, "ok", `call ${i}: ${JSON.stringify(outcome)}`);
  }
  assert.equal((await script.call({ input: 5_000 })).outcome.outcome, "cpu");
  assert.ok(!script.alive);
  assert.equal((await script.call({ input: 1 })).outcome.outcome, "refused");
});

Deno.test("LoadedScript.call() refuses a second call while one is under way", async () => {
  await using sandbox = await Sandbox.open();
  const script = sandbox.load(sealed(), calling("() => 1"));
  const first = script.call({ input: null });
  await assert.rejects(script.call({ input: null }), RangeError);
  assert.equal((await first).outcome.outcome, "ok");
});

Deno.test("a prewarmed cell serves one run and is replaced by another process", async () => {
  // At level 2 a cell does not know its pid.
  const host = await detectHost({ highest: 1 });
  await using sandbox = await Sandbox.open({ prewarm: 1, host });
  await sandbox.prewarm(sealed());
  const [waiting] = await childPids();
  const pid = "() => Deno.pid";
  const first = await sandbox.run(sealed(), calling(pid));
  assert.deepEqual(first.outcome, { outcome: "ok", result: waiting });
  const second = await sandbox.run(sealed(), calling(pid));
  assert.notDeepEqual(second.outcome, first.outcome);
});

Deno.test("a prewarmed cell is not taken for another grant", async () => {
  const host = await detectHost({ highest: 1 });
  await using sandbox = await Sandbox.open({ prewarm: 1, host });
  await sandbox.prewarm(sealed());
  const [waiting] = await childPids();
  const { outcome } = await sandbox.run(
    sealed({ memoryBytes: 65_000_000 }),
    calling("() => Deno.pid"),
  );
  assert.notDeepEqual(outcome, { outcome: "ok", result: waiting });
});

Deno.test("no empty cell waits beside a live one, nor for what is seldom needed", async () => {
  await using sandbox = await Sandbox.open({ prewarm: 1 });
  const live = sandbox.live(sealed(), calling("() => 1"));
  await sandbox.run({ ...sealed(), rare: true }, calling("() => 1"));
  await until(() => sandbox.cells === 1);
  assert.ok(live.alive);
  await sandbox.run(sealed({ cpuMs: 900 }), calling("() => 1"));
  await until(() => sandbox.cells === 2);
});

Deno.test("a running cell holds no descriptor of a pipe or socket but 0, 1 and 2", async () => {
  await using sandbox = await Sandbox.open();
  const strays = await strayDescriptors(sandbox);
  assert.deepEqual(strays, []);
});

Deno.test("a cell does not inherit what the agent was started with", async (t) => {
  const program = new URL("./fixtures/print_strays.ts", import.meta.url);
  const strays = async (mode: string) => {
    // The shell opens descriptor 7 on a pipe and leaves it open for the agent.
    const agent = '"$0" run -A --quiet "$1" "$2" 7> >(cat >/dev/null)';
    const { stdout } = await new Deno.Command("bash", {
      args: ["-c", agent, Deno.execPath(), program.pathname, mode],
      stderr: "inherit",
    }).output();
    return JSON.parse(new TextDecoder().decode(stdout));
  };
  await t.step("it is closed", async () => assert.deepEqual(await strays("closed"), []));
  await t.step("control: it is there when nothing closes it", async () => {
    assert.ok((await strays("open")).includes(7));
  });
});

Deno.test("LoadedScript.call() is refused as cell_start when the process does not become a cell", async () => {
  const cell = new Cell({
    key: "",
    command: "bash",
    args: ["-c", "echo no such tool >&2; exit 9"],
  });
  const script = new LoadedScript(cell, sealed(), 1, calling("() => 1"));
  const { outcome } = await script.call({ input: null });
  assert.deepEqual(outcome, {
    outcome: "refused",
    detail: { rule: "cell_start", message: "Cannot start a cell: no such tool" },
  });
});

Deno.test("Sandbox.run() is refused when the Deno binary cannot be started", async () => {
  // Level 2 would find that when it measures an empty cell in its view.
  const host = await detectHost({ highest: 1 });
  await using sandbox = await Sandbox.open({ host: { ...host, deno: "/nonexistent/deno" } });
  const { outcome } = await sandbox.run(sealed(), calling("() => 1"));
  assert.equal(outcome.outcome, "refused");
  assert.equal("rule" in outcome.detail && outcome.detail.rule, "cell_start");
});

Deno.test("a cell has no home, where Deno would read its user's .npmrc", async () => {
  await using sandbox = await Sandbox.open();
  const rights = { allow: ["--allow-env=HOME"], deny: [], worker: { env: ["HOME"] } };
  const script = calling(`() => Deno.env.get("HOME")`);
  const { outcome } = await sandbox.run({ ...sealed(), rights }, script);
  assert.deepEqual(outcome, { outcome: "ok", result: "/nonexistent" });
});

Deno.test("Sandbox.close() leaves no process and refuses further runs", async () => {
  const sandbox = await Sandbox.open({ prewarm: 2 });
  await sandbox.prewarm(sealed());
  sandbox.load(sealed(), calling("() => new Promise(() => {})")).call({ input: null });
  assert.equal((await childPids()).length, 3);
  await sandbox.close();
  assert.deepEqual(await childPids(), []);
  await assert.rejects(
    sandbox.run(sealed(), calling("() => 1")),
    (error) => error instanceof CellError && error.code === "closed",
  );
});
