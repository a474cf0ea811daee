import assert from "node:assert/strict";
import { runTarget } from "./run_target.ts";
import { TARGETS } from "./targets.ts";

/** The same inputs in the same sequence every time; how far they get is the machine's affair. */
const SEED = 20260601;
const SECONDS = 1;

for (const target of TARGETS) {
  Deno.test(`fuzz ${target.name}: ${target.what}`, async () => {
    const { inputs, failure } = await runTarget(target, { seconds: SECONDS, seed: SEED });
    assert.equal(failure, undefined);
    assert.ok(inputs > 0);
  });
}
