import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_heap",
  what: "Fills V8's heap, whose end takes the whole process along.",
  module: js`
    export default {
      async run(at, ctx) {
        const kept = [];
        while (kept.length < 40) kept.push(new Array(1_000_000).fill(kept.length + 0.5));
        return kept.length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory", detail: { kind: "heap" } },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(250_000_000),
} satisfies Attack;
