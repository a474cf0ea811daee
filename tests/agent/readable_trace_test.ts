import assert from "node:assert/strict";
import { readableTrace } from "../../runtime/agent/runs/readable_trace.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import type { Outcome } from "../../runtime/core/outcome.ts";

const scriptUrl = "script://acme/a@1.0.0";
const bytes = new TextEncoder().encode('{"version":3,"sources":["a.ts"],"mappings":"AAAA"}');
const sourceMap = { sha256: digestOf(bytes), length: bytes.length };
const failed = (stack?: string): Outcome => ({
  outcome: "script_error",
  detail: { name: "Error", message: "no", ...(stack === undefined ? {} : { stack }) },
});
const giving = (module?: Uint8Array) => ({ module: () => Promise.resolve(module) });

Deno.test("readableTrace() shows places of the author's files", async () => {
  const before = failed(`at ${scriptUrl}:1:4`);
  const after = await readableTrace(before, { sourceMap }, { scriptUrl, library: giving(bytes) });
  assert.deepEqual(after, failed(`at ${scriptUrl}/a.ts:1:1`));
});

Deno.test("readableTrace() changes nothing when there is nothing to read it by", async (t) => {
  const trace = failed(`at ${scriptUrl}:1:4`);
  const other = bytes.with(0, 0);
  const asked = { module: () => assert.fail("asked") };
  const cases = [
    ["no map in the manifest", trace, {}, asked],
    ["no trace", failed(), { sourceMap }, asked],
    ["another outcome", { outcome: "ok", result: 1 }, { sourceMap }, asked],
    ["no source that has it", trace, { sourceMap }, giving()],
    ["a source that gives another", trace, { sourceMap }, giving(other)],
    ["a source that fails", trace, { sourceMap }, { module: () => Promise.reject(new Error()) }],
  ] as const;
  for (const [name, outcome, manifest, library] of cases) {
    await t.step(name, async () => {
      assert.deepEqual(await readableTrace(outcome, manifest, { scriptUrl, library }), outcome);
    });
  }
});

Deno.test("readableTrace() says why it leaves the places when the map is longer than 1 MiB", async () => {
  const before = failed(`at ${scriptUrl}:1:4`);
  const longest = mapOf(1 << 20);
  const map = { sha256: digestOf(longest), length: longest.length };
  const giver = { scriptUrl, library: giving(longest) };
  const after = await readableTrace(before, { sourceMap: map }, giver);
  assert.deepEqual(after, failed(`at ${scriptUrl}/a.ts:1:1`));

  const asked = { scriptUrl, library: { module: () => assert.fail("asked") } };
  const longer = { ...map, length: (1 << 20) + 1 };
  const left = await readableTrace(before, { sourceMap: longer }, asked);
  assert.ok(left.outcome === "script_error");
  assert.match(left.detail.stack!, /^at script:\/\/acme\/a@1\.0\.0:1:4\n\(.*1048576 bytes\)$/);
});

function mapOf(length: number): Uint8Array {
  const map = { version: 3, sources: ["a.ts"], mappings: "AAAA", names: [""] };
  map.names[0] = "n".repeat(length - JSON.stringify(map).length);
  return new TextEncoder().encode(JSON.stringify(map));
}
