import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_sparse_result",
  what: "Answers with an array of nothing but holes, each of which becomes four letters.",
  module: js`
    export default {
      async run(at, ctx) {
        const holes = [];
        holes.length = 25_000_000;
        return holes;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory" },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
