import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** It takes a quarter of this where two other things go on. */
const PATIENCE_MS = 120_000;
const DEMO = fileURLToPath(new URL("../../../runtime/cli/demo/hub/main.ts", import.meta.url));

Deno.test("demo:hub enrols five machines, orders, halts at its canary and goes back", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", DEMO, "--json"],
    stdin: "null",
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert.ok(success, said);
  const { wallMs: _, ...report } = JSON.parse(new TextDecoder().decode(stdout));
  assert.deepEqual(report, { ok: true, online: 5, ordered: true, halted: true, refused: true });
});
