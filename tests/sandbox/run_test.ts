import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../runtime/core/documents/grant.ts";
import type { Cell, CellListener } from "../../runtime/sandbox/cell.ts";
import { FROM_CELL } from "../../runtime/sandbox/frame.ts";
import { LoadedScript } from "../../runtime/sandbox/loaded_script.ts";
import { NO_RIGHTS, type RunReport } from "../../runtime/sandbox/mod.ts";

const EMPTY = { cpuMs: 0, rssBytes: 0 };

/** A run of a cell that does what the test says. */
function runInFakeCell(): { report: Promise<RunReport>; says: CellListener } {
  let says: CellListener | undefined;
  const cell = {
    listen: (listener: CellListener) => says = listener,
    send: () => Promise.resolve(),
    kill() {},
  } as unknown as Cell;
  const module = { javascript: "", scriptUrl: "script://example/case@1.0.0" };
  const limits = { ...DEFAULT_LIMITS, wallMs: 60_000 };
  const script = new LoadedScript(cell, { rights: NO_RIGHTS, limits }, 0, module);
  const report = script.call({ input: null });
  return { report, says: says! };
}

function result(json: string) {
  const body = new TextEncoder().encode(`{"id":1,"cpu":0,"rss":0}\n${json}`);
  return { kind: FROM_CELL.RESULT, body };
}

Deno.test("a run outlives a moment in which the agent itself stood still", async () => {
  const { report, says } = runInFakeCell();
  says.ready(EMPTY);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_100);
  // Read after the timers that are late, as what waits in a pipe is.
  setTimeout(() => says.frame(result('"done"')), 0);
  assert.deepEqual((await report).outcome, { outcome: "ok", result: "done" });
});

Deno.test("a run in a silent cell ends as unresponsive", async () => {
  const { report, says } = runInFakeCell();
  says.ready(EMPTY);
  const { outcome } = await report;
  assert.deepEqual(outcome, {
    outcome: "wall",
    detail: { reason: "unresponsive", limitMs: 3_000 },
  });
});

Deno.test("a script cannot have a text of its own replaced by the longer name of its module", async () => {
  const { report, says } = runInFakeCell();
  says.ready(EMPTY);
  const failure = { blob: "a", name: "Error", message: "aaa", stack: "", cpu: 0, rss: 0 };
  const body = new TextEncoder().encode(JSON.stringify(failure));
  says.frame({ kind: FROM_CELL.LOAD_ERROR, body });
  assert.deepEqual((await report).outcome, {
    outcome: "script_error",
    detail: { name: "Error", message: "aaa" },
  });
});
