import assert from "node:assert/strict";
import { requireReal } from "../real/require_real.ts";
import { loadCorpus } from "./corpus.ts";
import { runCase } from "./runner.ts";
import { Stage } from "./stage.ts";

const stage = await Stage.open();
Deno.test.afterAll(() => stage[Symbol.asyncDispose]());

for (const attack of await loadCorpus()) {
  const ignore = attack.needs !== undefined && requireReal(attack.needs) === undefined;
  Deno.test({
    name: `the cell holds against ${attack.name}`,
    ignore,
    fn: async () => {
      const { faults } = await runCase(attack, stage);
      assert.deepEqual(faults, []);
    },
  });
}
