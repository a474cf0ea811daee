import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_map",
  what: "Fills maps, whose tables are copied as they grow.",
  module: js`
    export default {
      async run(at, ctx) {
        const map = new Map();
        for (let i = 0; i < 2_500_000; i++) map.set(i, i + 0.5);
        return map.size;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory" },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
