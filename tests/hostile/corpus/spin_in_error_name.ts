import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_error_name",
  what: "Throws an error whose name is an object that takes for ever to become text.",
  module: js`
    export default {
      async run(at, ctx) {
        const name = {
          toString() {
            for (;;);
          },
        };
        throw { name, message: "" };
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
