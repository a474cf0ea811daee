import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_json",
  what: "Parses a short text into objects that take a hundred times its room.",
  module: js`
    export default {
      async run(at, ctx) {
        const text = "[" + "{},".repeat(1_000_000) + "{}]";
        const kept = [];
        while (kept.length < 4) kept.push(JSON.parse(text));
        return kept.length;
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory" },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
