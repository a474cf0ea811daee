import assert from "node:assert/strict";
import { readMessage } from "../../runtime/sandbox/cell_message.ts";
import { FROM_CELL } from "../../runtime/sandbox/frame.ts";

function read(kind: number, body: string | Uint8Array) {
  return readMessage({
    kind,
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
  });
}

Deno.test("readMessage() reads a result with the figures in front of it", () => {
  assert.deepEqual(read(FROM_CELL.RESULT, '{"id":3,"cpu":1500,"rss":7}\n{"n":1}'), {
    type: "result",
    task: 3,
    figures: { cpuMs: 1.5, rssBytes: 7 },
    text: '{"n":1}',
  });
});

Deno.test("readMessage() refuses what no harness writes as a SyntaxError", async (t) => {
  const cases: [string, number, string | Uint8Array][] = [
    ["no UTF-8", FROM_CELL.LOG, Uint8Array.of(0x80)],
    ["null instead of an object", FROM_CELL.BEAT, "null"],
    ["a number instead of an object", FROM_CELL.CALL, "1\n{}\n"],
    ["a call of one part", FROM_CELL.CALL, '{"id":1,"task":1,"method":"x"}'],
    ["a call without an id", FROM_CELL.CALL, '{"task":1,"method":"x"}\n{}\n'],
    ["a call of no task", FROM_CELL.CALL, '{"id":1,"task":"1","method":"x"}\n{}\n'],
    ["a result without figures", FROM_CELL.RESULT, "null\n1"],
    ["a result without a line", FROM_CELL.RESULT, "1"],
    ["no body", FROM_CELL.READY, ""],
    ["an unknown level", FROM_CELL.LOG, '{"level":"loud","text":""}'],
    ["an unknown kind", 99, "{}"],
  ];
  for (const [what, kind, body] of cases) {
    await t.step(what, () => {
      assert.throws(() => read(kind, body), (error: Error) => error.constructor === SyntaxError);
    });
  }
});

Deno.test("readMessage() takes an object where a number must stand for no number", () => {
  const progress = read(FROM_CELL.PROGRESS, '{"fraction":{"toString":null}}');
  assert.deepEqual(progress, {
    type: "event",
    task: 0,
    event: { type: "progress", fraction: 0 },
    bytes: 30,
  });
  assert.deepEqual(read(FROM_CELL.EXIT, '{"code":{}}'), { type: "exit", code: 0 });
  const { figures } = read(FROM_CELL.BEAT, '{"cpu":[],"rss":"9"}') as { figures: unknown };
  assert.deepEqual(figures, { cpuMs: 0, rssBytes: 0 });
});
