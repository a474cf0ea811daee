import assert from "node:assert/strict";
import process from "node:process";
import { digestOf } from "../../runtime/core/digest.ts";
import type { Manifest } from "../../runtime/core/documents/manifest.ts";
import { LIMITS } from "../../runtime/core/limits.ts";
import { type ModuleParsers, prepareModule } from "../../runtime/core/module.ts";
import type { Outcome } from "../../runtime/core/outcome.ts";
import { NodeRefusal } from "../../runtime/agent/scripts/node_refusal.ts";
import { sandboxRunner } from "../../runtime/agent/cells/sandbox_runner.ts";
import { ModuleParser } from "../../runtime/agent/scripts/module_parser.ts";
import { PARSE_HERE } from "../core/parse_here.ts";
import { TestAgent } from "./agent_fixture.ts";
import { FakeRunner, TestFleet } from "./fixture.ts";

const TYPESCRIPT = "application/typescript";
const JAVASCRIPT = "text/javascript";
const TYPED = "export default { run(n: number) { return n + 1; } };";
const ERASED = "export default { run(n        ) { return n + 1; } };";
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

Deno.test("ModuleParser.prepare() parses in a cell, once for each module", async (t) => {
  const runner = sandboxRunner();
  try {
    for (const [mediaType, text] of [[TYPESCRIPT, TYPED], [JAVASCRIPT, ERASED]] as const) {
      await t.step(mediaType, async () => {
        let runs = 0;
        const parser = new ModuleParser({
          run: (...args) => {
            runs++;
            return runner.run(...args);
          },
        });
        const bytes = utf8(`import "node:path"; ${text}`);
        for (let i = 0; i < 2; i++) {
          const { erase, lex } = await parser.prepare(
            bytes,
            manifestOf(bytes, { mediaType }),
            signal,
          );
          const javascript = erase(`import "node:path"; ${text}`);
          assert.equal(javascript, `import "node:path"; ${ERASED}`);
          const [imports, exports] = lex(javascript);
          assert.deepEqual(imports.map(({ specifier }) => specifier), ["node:path"]);
          assert.deepEqual(exports.map(({ name }) => name), ["default"]);
        }
        assert.equal(runs, 1);
      });
    }
  } finally {
    await runner.close();
  }
});

Deno.test("ModuleParser.prepare() says of a module in a cell what is said of it here", async (t) => {
  const runner = sandboxRunner();
  try {
    const parser = new ModuleParser(runner);
    const sources = [
      'import "node:path";',
      'import "node:fs"; export default 1',
      'import fs from "node:path" with { type: "json" }; export default 1',
      'export default import("npm:x")',
      "export default { run() { return import.meta.url } }",
      "export default {",
      "export default 1 } }",
      "export default \ud800",
      'import {} from "writ"; export * as default from "node:path"',
      `${'import "node:path";'.repeat(20_001)} export default 1`,
    ];
    for (const source of sources) {
      await t.step(source.slice(0, 50), async () => {
        const bytes = utf8(source);
        const there = await parser.prepare(bytes, manifestOf(bytes), signal);
        assert.deepEqual(verdict(bytes, there), verdict(bytes, PARSE_HERE));
      });
    }
  } finally {
    await runner.close();
  }
});

function verdict(bytes: Uint8Array, parsers: ModuleParsers): string {
  try {
    return prepareModule(bytes, TYPESCRIPT, parsers).javascript;
  } catch (error) {
    return String(error);
  }
}

Deno.test("ModuleParser.prepare() asks no cell for another module than the manifest's", async () => {
  const runner = new FakeRunner();
  runner.parses = false;
  const bytes = utf8(TYPED);
  const manifest = manifestOf(bytes, { sha256: digestOf(utf8("other")) });
  const { erase, lex } = await new ModuleParser(runner).prepare(bytes, manifest, signal);
  assert.throws(() => erase(TYPED), TypeError);
  assert.throws(() => lex(TYPED), TypeError);
  assert.equal(runner.started.length, 0);
});

Deno.test("ModuleParser.prepare() tells a bad module from a cell that cannot be had", async (t) => {
  const runner = new FakeRunner();
  runner.parses = false;
  const parser = new ModuleParser(runner);
  const bytes = utf8(TYPED);
  const prepare = (outcome: Outcome, given = signal) => {
    runner.answer = () => outcome;
    return parser.prepare(bytes, manifestOf(bytes), given);
  };
  const ends: Outcome[] = [
    { outcome: "exited", detail: { signal: "SIGABRT" } },
    { outcome: "cpu", detail: { limitMs: 1 } },
    { outcome: "ok", result: { javascript: ERASED, stoppedAt: 3 } },
    { outcome: "script_error", detail: { name: "SyntaxError", message: "an enum" } },
  ];
  for (const outcome of ends) {
    await t.step(outcome.outcome, async () => {
      const parsers = await prepare(outcome);
      assert.throws(() => parsers.lex(parsers.erase(TYPED)), SyntaxError);
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
    const result = { javascript: ERASED, imports: [], exports: [] };
    assert.equal((await prepare({ outcome: "ok", result })).erase(""), ERASED);
  });
});

Deno.test("startAgent() outlives a module that overflows the stack of the parser of modules", async () => {
  const fleet = new TestFleet();
  const nested = `export default ${"(".repeat(5_000)}1${")".repeat(5_000)}`;
  const versions = { "1.0.0": nested, "1.0.1": TYPED };
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

/** Most that the agent's thread may work from one answer of `/healthz` to the next, milliseconds. */
const HELD_MS = 100;

Deno.test("startAgent() answers while it takes in a module that the lexer needs long for", async () => {
  const fleet = new TestFleet();
  const piece = "x=`${1}`;";
  const many = piece.repeat(Math.floor(LIMITS.MODULE_BYTES / piece.length) - 100);
  const long = `let x; ${many} export default { run: () => 1 };`;
  for (const [version, source] of Object.entries({ "1.0.0": ERASED, "1.0.1": long })) {
    fleet.publish(
      version,
      { module: manifestOf(utf8(source), { mediaType: JAVASCRIPT }).module },
      source,
    );
  }
  await using test = await TestAgent.start({ runner: sandboxRunner() }, fleet);
  const order = async (range: string) => {
    const { run } = await test.order({ script: { name: fleet.script, range }, input: 1 });
    return (await test.ended(run)).outcome;
  };
  // What is loaded with the first module of all says nothing about a long one.
  assert.deepEqual(await order("1.0.0"), { outcome: "ok", result: 2 });
  let ended = false;
  const outcome = order("1.0.1").finally(() => ended = true);
  let heldMs = 0;
  while (!ended) {
    const before = process.threadCpuUsage();
    const response = await fetch(`${test.agent.url}/healthz`);
    assert.deepEqual(await response.json(), { ok: true });
    const { user, system } = process.threadCpuUsage(before);
    heldMs = Math.max(heldMs, (user + system) / 1_000);
  }
  // That it is too long for the memory which the script may have is no refusal.
  assert.notEqual((await outcome)?.outcome, "refused");
  assert.ok(heldMs < HELD_MS, `${heldMs} ms`);
});
