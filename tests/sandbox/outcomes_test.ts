import assert from "node:assert/strict";
import type { Limits } from "../../runtime/core/documents/grant.ts";
import type { Outcome } from "../../runtime/core/outcome.ts";
import { Sandbox } from "../../runtime/sandbox/mod.ts";
import { runSealed } from "./cells.ts";

interface Case {
  script: string;
  limits?: Partial<Limits>;
  expect: Outcome["outcome"];
  /** Part of the outcome's detail. */
  detail?: Record<string, unknown>;
}

const NEVER = "new Promise(() => {})";

const CASES: Record<string, Case> = {
  "a result": { script: "() => ({ a: [1, null] })", expect: "ok" },
  "an error": {
    script: '() => { throw new TypeError("bad") }',
    expect: "script_error",
    detail: { name: "TypeError", message: "bad" },
  },
  "a rejection that nobody waits for": {
    script: `() => { Promise.reject(new Error("late")); return ${NEVER} }`,
    expect: "script_error",
    detail: { message: "late" },
  },
  "an error in a timer": {
    script: `() => { setTimeout(() => { throw new Error("tick") }); return ${NEVER} }`,
    expect: "script_error",
    detail: { message: "tick" },
  },
  "a thrown string": {
    script: '() => { throw "text" }',
    expect: "script_error",
    detail: { message: "text" },
  },
  "an error that cannot be read": {
    script: "() => { throw { get message() { throw 1 } } }",
    expect: "script_error",
  },
  "a result that is no JSON": {
    script: "() => { const a = {}; a.a = a; return a }",
    expect: "script_error",
    detail: { name: "TypeError" },
  },
  "a result that nests too deep": {
    script: "() => { let a = []; for (let i = 0; i < 99; i++) a = [a]; return a }",
    expect: "script_error",
    detail: { name: "RangeError" },
  },
  "a read without the right": {
    script: '() => Deno.readTextFile("/etc/hostname")',
    expect: "denied",
    detail: { permission: "read", value: "/etc/hostname" },
  },
  "a look for a graphics device": {
    script: "async () => { if (await navigator.gpu?.requestAdapter()) throw new Error('found') }",
    expect: "ok",
  },
  "a connection without the right": {
    script: '() => fetch("http://127.0.0.1:81/")',
    expect: "denied",
    detail: { permission: "net", value: "127.0.0.1:81" },
  },
  "a tight loop": {
    script: "() => { for (;;); }",
    limits: { cpuMs: 300 },
    expect: "cpu",
    detail: { limitMs: 300 },
  },
  "a promise that never settles": {
    script: `() => ${NEVER}`,
    limits: { wallMs: 300 },
    expect: "wall",
    detail: { reason: "deadline" },
  },
  "a cell that stops itself": {
    script: `() => { process.kill(process.pid, "SIGSTOP"); return ${NEVER} }`,
    expect: "wall",
    detail: { reason: "unresponsive" },
  },
  "a full heap": {
    script: "() => { const a = []; for (;;) a.push(new Array(1000).fill({})) }",
    expect: "memory",
    detail: { kind: "heap" },
  },
  "buffers without end": {
    script: "() => { const a = []; for (;;) a.push(new Uint8Array(10_000_000).fill(1)) }",
    expect: "memory",
    detail: { kind: "native" },
  },
  "one buffer larger than any memory": {
    script: "() => new ArrayBuffer(1e12)",
    expect: "memory",
    detail: { kind: "native" },
  },
  "logs without end": {
    script: '() => { for (;;) console.log("x".repeat(1000)) }',
    expect: "output",
  },
  "a result larger than the output": {
    script: '() => "x".repeat(300_000)',
    expect: "output",
  },
  "stderr without end": {
    script:
      '() => { const fs = process.getBuiltinModule("node:fs"); for (;;) fs.writeSync(2, "x".repeat(9999)) }',
    expect: "output",
  },
  "a line of its own on stdout": {
    script: `() => { process.getBuiltinModule("node:fs").writeSync(1, "{}\\n"); return ${NEVER} }`,
    expect: "protocol",
  },
  "an answer to another call": {
    script: `() => { postMessage({ t: "result", id: 7, result: "1" }); return ${NEVER} }`,
    expect: "protocol",
  },
  "a message that is no JSON": {
    script: `() => { postMessage({ t: "call", id: 1n }); return ${NEVER} }`,
    expect: "protocol",
  },
  "a cyclic message": {
    script: `() => { const p = {}; p.p = p; postMessage({ t: "call", id: 1, params: p });
      return ${NEVER} }`,
    expect: "protocol",
  },
  "a second word that it was loaded": {
    script: `() => { postMessage({ t: "loaded", blob: "e" }); return ${NEVER} }`,
    expect: "protocol",
  },
  "a refused connection that fetch() only names as the cause": {
    script:
      '() => { throw new TypeError("fetch failed", { cause: new Error(\'Requires net access to "a:1", run again with\') }) }',
    expect: "denied",
    detail: { permission: "net", value: "a:1" },
  },
  "Deno.exit()": {
    script: "() => Deno.exit(3)",
    expect: "exited",
    detail: { code: 3 },
  },
  "process.exit()": {
    script: "() => process.exit(4)",
    expect: "exited",
    detail: { code: 4 },
  },
  "a closed realm": { script: `() => { self.close(); return ${NEVER} }`, expect: "exited" },
  "a kill of itself": {
    script: '() => process.kill(process.pid, "SIGKILL")',
    expect: "exited",
    detail: { signal: "SIGKILL" },
  },
};

Deno.test("Sandbox.run() ends every script with the one outcome that fits", async (t) => {
  await using sandbox = await Sandbox.open();
  for (const [name, { script, limits, expect, detail }] of Object.entries(CASES)) {
    await t.step(`${expect} for ${name}`, async () => {
      const { outcome } = await runSealed(sandbox, script, limits);
      assert.equal(outcome.outcome, expect, JSON.stringify(outcome));
      const found = "detail" in outcome ? outcome.detail as Record<string, unknown> : {};
      for (const [key, value] of Object.entries(detail ?? {})) assert.equal(found[key], value, key);
    });
  }
  await t.step("cancelled for a run that is aborted", async () => {
    const controller = new AbortController();
    const { outcome } = await runSealed(
      sandbox,
      `(_, ctx) => { ctx.emit("up"); return ${NEVER} }`,
      {},
      {
        signal: controller.signal,
        onEvent: () => controller.abort(new Error("by the operator")),
      },
    );
    assert.deepEqual(outcome, { outcome: "cancelled", detail: { reason: "by the operator" } });
  });
  await t.step("cancelled for a run that is aborted while its cell boots", async () => {
    const operator = new AbortController();
    const signal = operator.signal;
    const running = runSealed(sandbox, "() => new Promise(() => {})", {}, { signal });
    operator.abort("early");
    const { outcome } = await running;
    assert.deepEqual(outcome, { outcome: "cancelled", detail: { reason: "early" } });
  });
  await t.step("cancelled for a run that was aborted before", async () => {
    const { outcome } = await runSealed(sandbox, "() => 1", {}, { signal: AbortSignal.abort() });
    assert.equal(outcome.outcome, "cancelled");
  });
});

Deno.test("Sandbox.run() refuses a module that has no run, and tells where a load failed", async () => {
  await using sandbox = await Sandbox.open();
  const load = async (javascript: string) => {
    const { outcome } = await runSealed(sandbox, "", {}, { javascript });
    assert.equal(outcome.outcome, "script_error");
    return (outcome as Outcome & { outcome: "script_error" }).detail;
  };
  assert.match((await load("export default 1")).message, /no function `run`/);
  assert.match((await load("\n  null.x;\nexport default {}")).stack!, /example\/case@1\.0\.0:2:8/);
});

Deno.test("Sandbox.run() reports what a run cost", async () => {
  await using sandbox = await Sandbox.open();
  const { figures } = await runSealed(
    sandbox,
    `() => {
      const used = () => Deno.cpuUsage().user / 1_000;
      const end = used() + 60;
      const kept = new Uint8Array(20_000_000).fill(1);
      while (used() < end);
      return kept.length;
    }`,
  );
  assert.ok(figures.cpuMs > 50 && figures.cpuMs < 2_000, `${figures.cpuMs} ms`);
  assert.ok(figures.wallMs >= 60, `${figures.wallMs} ms`);
  assert.ok(figures.peakBytes >= 20_000_000, `${figures.peakBytes} bytes`);
  assert.equal(figures.outputBytes, "20000000".length);
  assert.equal(figures.level, sandbox.level);
});

Deno.test("Sandbox.run() works without the tools of level 1, at level 0", async () => {
  await using sandbox = await Sandbox.open({
    host: { deno: Deno.execPath(), level: 0, missing: [] },
  });
  const ok = await runSealed(sandbox, "() => 1");
  assert.deepEqual(ok.outcome, { outcome: "ok", result: 1 });
  assert.equal(ok.figures.level, 0);
  const bomb = "() => { const a = []; for (;;) a.push(new Uint8Array(10_000_000).fill(1)) }";
  assert.equal((await runSealed(sandbox, bomb)).outcome.outcome, "memory");
});
