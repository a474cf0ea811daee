import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { outputPast } from "../proofs.ts";

export default {
  name: "flood_progress",
  what: "Says how far it is without end, each time with a long message.",
  module: js`
    export default {
      async run(at, ctx) {
        for (let i = 0; i < 3_000; i++) ctx.progress(0.5, "x".repeat(1_000));
        return "flooded";
      },
    };`,
  limits: { outputBytes: 100_000, cpuMs: 5_000 },
  expect: { outcome: "output", detail: { limitBytes: 100_000 } },
  control: alteredCell("the output limit lifted", { limits: { outputBytes: 50_000_000 } }),
  proof: outputPast(2_000_000),
} satisfies Attack;
