import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_error_getter",
  what: "Throws an error whose message is a getter that never ends.",
  module: js`
    export default {
      async run(at, ctx) {
        throw { get message() { for (;;); } };
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
