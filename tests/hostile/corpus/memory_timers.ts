import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { memoryGrewPast } from "../proofs.ts";

export default {
  name: "memory_timers",
  what: "Sets timers without end, each of which keeps what it is to be called with.",
  module: js`
    export default {
      async run(at, ctx) {
        for (let i = 0; i < 300_000; i++) setTimeout(() => {}, 1e8, new Array(100).fill(i + 0.5));
        return "set";
      },
    };`,
  limits: { memoryBytes: 64_000_000, cpuMs: 5_000 },
  expect: { outcome: "memory" },
  control: alteredCell("the memory limit lifted", { limits: { memoryBytes: 2_000_000_000 } }),
  proof: memoryGrewPast(200_000_000),
} satisfies Attack;
