import assert from "node:assert/strict";
import { jsonLog, textLog } from "../../runtime/agent/log.ts";

Deno.test("textLog() writes one line whatever a field holds", () => {
  const lines: string[] = [];
  const log = textLog((line) => lines.push(line), () => 0);
  log("warn", "refused", { text: "a\nERROR \u001b[31mfake\u009b2J\u2028", none: undefined, n: 1 });
  assert.deepEqual(lines, [
    '00:00:00 WARN  refused text="a\\nERROR \\u001b[31mfake\\u009b2J\\u2028" none=null n=1\n',
  ]);
});

Deno.test("jsonLog() writes one JSON object a line", () => {
  const lines: string[] = [];
  jsonLog((line) => lines.push(line), () => 0)("info", "ready", { url: "http://x\n" });
  assert.deepEqual(lines.map((line) => JSON.parse(line)), [
    { time: "1970-01-01T00:00:00.000Z", level: "info", message: "ready", url: "http://x\n" },
  ]);
  assert.equal(lines[0]!.indexOf("\n"), lines[0]!.length - 1);
});
