import assert from "node:assert/strict";
import { Cli } from "../../runtime/cli/cli.ts";
import { RunLines } from "../../runtime/cli/runs/run_lines.ts";
import { TestIo } from "./test_io.ts";

const OK = {
  outcome: "ok",
  detail: null,
  cpuMs: 12,
  wallMs: 40,
  peakBytes: 1.2e6,
  level: 1,
} as const;

Deno.test("RunLines writes plain lines where nobody looks", () => {
  const io = new TestIo();
  const lines = new RunLines(new Cli(io, {}));
  lines.event({ type: "progress", fraction: 0.5, message: "half" });
  lines.event({ type: "log", level: "warn", text: "a\nb" });
  lines.end(OK);
  assert.equal(
    io.err,
    "progress  50 % half\nwarn  a\n      b\nok (cpu 12 ms, wall 40 ms, memory 1.2 MB, level 1)\n",
  );
});

Deno.test("RunLines says what the whole live cell used as the most that one run did", () => {
  const io = new TestIo();
  new RunLines(new Cli(io, {})).end({ ...OK, shared: true });
  assert.equal(io.err, "ok (cpu at most 12 ms, wall 40 ms, memory at most 1.2 MB, level 1)\n");
});

Deno.test("RunLines draws one progress line over and clears it before the next line", () => {
  const io = new TestIo({ terminal: true });
  const lines = new RunLines(new Cli(io, {}));
  lines.event({ type: "progress", fraction: 0.5 });
  lines.event({ type: "progress", fraction: 1 });
  assert.ok(!io.err.includes("\n"));
  lines.end(OK);
  assert.ok(io.err.includes("\r\x1b[2K\x1b[32mok\x1b[0m"));
  assert.equal(io.err.split("\n").length, 2);
});

Deno.test("RunLines is silent with --json", () => {
  const io = new TestIo({ terminal: true });
  const lines = new RunLines(new Cli(io, { json: true }));
  lines.event({ type: "progress", fraction: 0.5 });
  lines.event({ type: "log", level: "info", text: "x" });
  lines.end(OK);
  assert.equal(io.err + io.out, "");
});

Deno.test("RunLines says how to grant what was denied", () => {
  const io = new TestIo();
  const detail = { permission: "net", value: "10.0.0.9:631", message: "" };
  new RunLines(new Cli(io, {})).end({ ...OK, outcome: "denied", detail });
  assert.match(io.err, /^denied: net "10\.0\.0\.9:631" is not granted/);
  assert.match(io.err, /hint: .*permissions: \{ net: \["10\.0\.0\.9:631"\] \}/);
});
