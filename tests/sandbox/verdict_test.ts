import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../runtime/core/documents/grant.ts";
import {
  type CellEnd,
  type ScriptFailure,
  verdictOfExit,
  verdictOfFailure,
} from "../../runtime/sandbox/verdict.ts";
import { processorMs } from "../processor_ms.ts";

function failure(parts: Partial<ScriptFailure>): ScriptFailure {
  return { name: "Error", message: "", stack: "", denied: false, starved: false, ...parts };
}

function end(parts: Partial<CellEnd>): CellEnd {
  return { code: 1, signal: null, stderrTail: "", peakBytes: 0, cpuMs: 0, ...parts };
}

Deno.test("verdictOfFailure() names the permission and the value that were refused", async (t) => {
  const table: [message: string, permission: string, value: string][] = [
    [
      'Requires read access to "/etc/passwd", run again with the --allow-read flag',
      "read",
      "/etc/passwd",
    ],
    [
      'Requires net access to "127.0.0.1:80", run again with the --allow-net flag',
      "net",
      "127.0.0.1:80",
    ],
    ["Requires run access, run again with the --allow-run flag", "run", ""],
    [
      'A remote specifier was requested: "https://a/x.js", but --no-remote is specified.',
      "import",
      "https://a/x.js",
    ],
    ["npm specifiers were requested; but --no-npm is specified", "import", "npm"],
  ];
  for (const [message, permission, value] of table) {
    await t.step(message, () => {
      const verdict = verdictOfFailure(failure({ message }), DEFAULT_LIMITS);
      assert.deepEqual(verdict, { outcome: "denied", detail: { permission, value, message } });
    });
  }
});

Deno.test("verdictOfFailure() reads a message that was made to keep it busy at once", () => {
  for (const piece of ["Requires a access to <", "Requires a access to ", "npm specifier is "]) {
    const message = piece.repeat(256_000 / piece.length);
    const before = processorMs();
    const { outcome } = verdictOfFailure(failure({ message }), DEFAULT_LIMITS);
    const took = processorMs() - before;
    assert.equal(outcome, "script_error");
    assert.ok(took < 500, `${piece}: ${took} ms`); // was 12 s and more
  }
});

Deno.test("verdictOfFailure() calls a failure of a starved process memory", () => {
  const verdict = verdictOfFailure(failure({ starved: true }), DEFAULT_LIMITS);
  assert.equal(verdict.outcome, "memory");
});

Deno.test("verdictOfFailure() leaves any other error the script's", () => {
  const verdict = verdictOfFailure(
    failure({ name: "RangeError", message: "Invalid array length" }),
    DEFAULT_LIMITS,
  );
  assert.deepEqual(verdict, {
    outcome: "script_error",
    detail: { name: "RangeError", message: "Invalid array length" },
  });
});

Deno.test("verdictOfExit() needs the agent's own figures to call a kill the processor limit", () => {
  const kill = end({ code: 137, signal: "SIGKILL" });
  assert.equal(verdictOfExit({ ...kill, cpuMs: 1500 }, DEFAULT_LIMITS).outcome, "cpu");
  assert.deepEqual(verdictOfExit({ ...kill, cpuMs: 10 }, DEFAULT_LIMITS), {
    outcome: "exited",
    detail: { signal: "SIGKILL" },
  });
});

Deno.test("verdictOfExit() tells V8's heap limit from memory that the system refused", () => {
  const kind = (stderrTail: string, peakBytes = 0) => {
    const verdict = verdictOfExit(
      end({ code: 133, signal: "SIGTRAP", stderrTail, peakBytes }),
      DEFAULT_LIMITS,
    );
    return verdict.outcome === "memory" ? verdict.detail.kind : verdict.outcome;
  };
  assert.equal(kind("# Fatal JavaScript out of memory: Reached heap limit"), "heap");
  assert.equal(kind("# Fatal JavaScript out of memory: CALL_AND_RETRY_LAST"), "native");
  assert.equal(kind("", DEFAULT_LIMITS.memoryBytes), "native");
  assert.equal(kind(""), "exited");
});

Deno.test("verdictOfExit() reports the code of a cell that ended by itself", () => {
  assert.deepEqual(verdictOfExit(end({ code: 7 }), DEFAULT_LIMITS), {
    outcome: "exited",
    detail: { code: 7 },
  });
});
