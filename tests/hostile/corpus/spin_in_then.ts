import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_then",
  what: "Answers with a thenable, whose then is looked up by whoever awaits the answer.",
  module: js`
    export default {
      async run(at, ctx) {
        return {
          get then() {
            for (;;);
          },
        };
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
