import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_deep_clone",
  what: "Clones what it has cloned, again and again.",
  module: js`
    export default {
      async run(at, ctx) {
        const kept = [new Array(1_000_000).fill(0.5)];
        while (kept.length < 30) kept.push(structuredClone(kept.at(-1)));
        return kept.length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory" },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
