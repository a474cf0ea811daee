import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_deep_clone",
  what: "Clones what it has cloned, twice as much each time.",
  module: js`
    export default {
      async run(at, ctx) {
        let kept = [new Array(1000).fill(0).map((_, i) => ({ i }))];
        while (kept.length < 4096) kept = [...kept, ...structuredClone(kept)].map((x) => structuredClone(x));
        return kept.length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory" },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
