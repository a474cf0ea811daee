import assert from "node:assert/strict";
import { digestOf } from "../../runtime/core/digest.ts";
import type { Manifest } from "../../runtime/core/documents/manifest.ts";
import type { Outcome } from "../../runtime/core/outcome.ts";
import { NodeRefusal } from "../../runtime/agent/scripts/node_refusal.ts";
import { sandboxRunner } from "../../runtime/agent/cells/sandbox_runner.ts";
import { TypeEraser } from "../../runtime/agent/scripts/type_eraser.ts";
import { TestAgent } from "./agent_fixture.ts";
import { FakeRunner, TestFleet } from "./fixture.ts";

const TYPESCRIPT = "export default { run(n: number) { return n + 1; } };";
const JAVASCRIPT = "export default { run(n        ) { return n + 1; } };";
const signal = new AbortController().signal;

function manifestOf(bytes: Uint8Array, change: Partial<Manifest["module"]> = {}): Manifest {
  const { manifest } = new TestFleet().publish("1.0.0");
  const module = {
    sha256: digestOf(bytes),
    length: bytes.length,
    mediaType: "application/typescript",
    ...change,
  } as const;
  return { ...manifest, module };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("TypeEraser.prepare() erases in a cell, once for each module", async () => {
  const runner = sandboxRunner();
  try {
    let runs = 0;
    const eraser = new TypeEraser({
      run: (...args) => {
        runs++;
        return runner.run(...args);
      },
    });
    const bytes = utf8(TYPESCRIPT);
    for (let i = 0; i < 2; i++) {
      const erase = await eraser.prepare(bytes, manifestOf(bytes), signal);
      assert.equal(erase(TYPESCRIPT), JAVASCRIPT);
    }
    assert.equal(runs, 1);
  } finally {
    await runner.close();
  }
});

Deno.test("TypeEraser.prepare() asks no cell for what has no types or will be refused", async (t) => {
  const runner = new FakeRunner();
  runner.erases = false;
  const eraser = new TypeEraser(runner);
  const bytes = utf8(TYPESCRIPT);
  const cases: Record<string, [Uint8Array, Partial<Manifest["module"]>]> = {
    "JavaScript": [bytes, { mediaType: "text/javascript" }],
    "another module than the manifest's": [bytes, { sha256: digestOf(utf8("other")) }],
    "no UTF-8": [Uint8Array.of(0x80), {}],
  };
  for (const [what, [bytes, change]] of Object.entries(cases)) {
    await t.step(what, async () => {
      const erase = await eraser.prepare(bytes, manifestOf(bytes, change), signal);
      assert.throws(() => erase(TYPESCRIPT), TypeError);
    });
  }
  assert.equal(runner.started.length, 0);
});

Deno.test("TypeEraser.prepare() tells a bad module from a cell that cannot be had", async (t) => {
  const runner = new FakeRunner();
  runner.erases = false;
  const eraser = new TypeEraser(runner);
  const bytes = utf8(TYPESCRIPT);
  const prepare = (outcome: Outcome, given = signal) => {
    runner.answer = () => outcome;
    return eraser.prepare(bytes, manifestOf(bytes), given);
  };
  const ends: Outcome[] = [
    { outcome: "exited", detail: { signal: "SIGABRT" } },
    { outcome: "cpu", detail: { limitMs: 1 } },
    { outcome: "ok", result: 1 },
    { outcome: "script_error", detail: { name: "SyntaxError", message: "an enum" } },
  ];
  for (const outcome of ends) {
    await t.step(outcome.outcome, async () => {
      const erase = await prepare(outcome);
      assert.throws(() => erase(TYPESCRIPT), SyntaxError);
    });
  }
  await t.step("refused", async () => {
    const refused: Outcome = {
      outcome: "refused",
      detail: { rule: "cell_start", message: "no cell" },
    };
    await assert.rejects(prepare(refused), NodeRefusal);
  });
  await t.step("cancelled", async () => {
    const aborted = AbortSignal.abort(new Error("stop"));
    const cancelled: Outcome = { outcome: "cancelled", detail: { reason: "stop" } };
    await assert.rejects(prepare(cancelled, aborted), aborted.reason);
  });
  await t.step("and keeps nothing of any of them", async () => {
    assert.equal((await prepare({ outcome: "ok", result: JAVASCRIPT }))(""), JAVASCRIPT);
  });
});

Deno.test("startAgent() outlives a module that overflows the stack of the type eraser", async () => {
  const fleet = new TestFleet();
  const nested = `export default ${"(".repeat(5_000)}1${")".repeat(5_000)}`;
  const versions = { "1.0.0": nested, "1.0.1": TYPESCRIPT };
  for (const [version, source] of Object.entries(versions)) {
    fleet.publish(version, { module: manifestOf(utf8(source)).module }, source);
  }
  await using test = await TestAgent.start({ runner: sandboxRunner() }, fleet);
  const order = async (range: string, input: unknown) => {
    const { run } = await test.order({ script: { name: fleet.script, range }, input });
    return (await test.ended(run)).outcome;
  };
  const refused = await order("1.0.0", 1);
  assert.ok(refused?.outcome === "refused");
  assert.equal(refused.detail.rule, "module_syntax");
  assert.deepEqual(await order("1.0.1", 1), { outcome: "ok", result: 2 });
});
