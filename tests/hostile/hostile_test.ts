import assert from "node:assert/strict";
import { loadCorpus } from "./corpus.ts";
import { runCase } from "./runner.ts";
import { Stage } from "./stage.ts";

const stage = await Stage.open();
Deno.test.afterAll(() => stage[Symbol.asyncDispose]());

for (const attack of await loadCorpus()) {
  Deno.test(`the cell holds against ${attack.name}`, async () => {
    const { faults } = await runCase(attack, stage);
    assert.deepEqual(faults, []);
  });
}
