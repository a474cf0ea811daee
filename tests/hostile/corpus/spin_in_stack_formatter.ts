import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_stack_formatter",
  what: "Has Error.prepareStackTrace spin when whoever caught its error asks for the stack.",
  module: js`
    export default {
      async run(at, ctx) {
        Error.prepareStackTrace = () => {
          for (;;);
        };
        throw new Error("look at my stack");
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
