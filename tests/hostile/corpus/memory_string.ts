import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_string",
  what: "Builds strings that are longer each time.",
  module: js`
    export default {
      async run(at, ctx) {
        const kept = [];
        while (kept.length < 60) kept.push(("\u4e00" + kept.length).repeat(2_000_000).replace(/^./, "x"));
        return kept.length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory" },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
