import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_result_to_json",
  what: "Returns an answer whose toJSON never ends, so that the time is spent by the code that " +
    "takes the answer.",
  module: js`
    export default {
      async run(at, ctx) {
        return { toJSON() { for (;;); } };
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
