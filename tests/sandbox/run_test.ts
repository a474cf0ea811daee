import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../runtime/core/documents/grant.ts";
import type { Cell, CellListener } from "../../runtime/sandbox/cell.ts";
import { FROM_CELL } from "../../runtime/sandbox/frame.ts";
import { Run } from "../../runtime/sandbox/run.ts";

const EMPTY = { cpuMs: 0, rssBytes: 0 };

/** A run of a cell that does what the test says. */
function runInFakeCell(): { run: Run; says: CellListener } {
  const cell = { listen() {}, send: () => Promise.resolve(), maxBody: 0 } as unknown as Cell;
  const history = { blob: "", scriptUrl: "script://example/case@1.0.0" };
  const limits = { ...DEFAULT_LIMITS, wallMs: 60_000 };
  const run = new Run(cell, history, limits, 0, { input: null });
  run.start(1);
  return { run, says: run };
}

function result(json: string) {
  const body = new TextEncoder().encode(`{"cpu":0,"rss":0}\n${json}`);
  return { kind: FROM_CELL.RESULT, body };
}

Deno.test("a run outlives a moment in which the agent itself stood still", async () => {
  const { run, says } = runInFakeCell();
  says.ready(EMPTY);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_100);
  // Read after the timers that are late, as what waits in a pipe is.
  setTimeout(() => says.frame(result('"done"')), 0);
  assert.deepEqual((await run.report).outcome, { outcome: "ok", result: "done" });
});

Deno.test("a run in a silent cell ends as unresponsive", async () => {
  const { run, says } = runInFakeCell();
  says.ready(EMPTY);
  const { outcome } = await run.report;
  assert.deepEqual(outcome, {
    outcome: "wall",
    detail: { reason: "unresponsive", limitMs: 3_000 },
  });
});

Deno.test("a script cannot have a text of its own replaced by the longer name of its module", async () => {
  const { run, says } = runInFakeCell();
  says.ready(EMPTY);
  const failure = { blob: "a", name: "Error", message: "aaa", stack: "", cpu: 0, rss: 0 };
  const body = new TextEncoder().encode(JSON.stringify(failure));
  says.frame({ kind: FROM_CELL.LOAD_ERROR, body });
  assert.deepEqual((await run.report).outcome, {
    outcome: "script_error",
    detail: { name: "Error", message: "aaa" },
  });
});
