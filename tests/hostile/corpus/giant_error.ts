import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { outputPast } from "../proofs.ts";

export default {
  name: "giant_error",
  what: "Throws an error whose message is larger than anyone wants to keep.",
  module: js`
    export default {
      async run(at, ctx) {
        throw new Error("x".repeat(3_000_000));
      },
    };`,
  limits: { outputBytes: 100_000, cpuMs: 5_000 },
  expect: { outcome: "output", detail: { limitBytes: 100_000 } },
  control: alteredCell("the output limit lifted", { limits: { outputBytes: 50_000_000 } }),
  proof: outputPast(2_000_000),
} satisfies Attack;
