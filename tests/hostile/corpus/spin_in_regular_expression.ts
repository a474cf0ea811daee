import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_regular_expression",
  what: "Has a regular expression backtrack for longer than anyone lives, in native code.",
  module: js`
    export default {
      async run(at, ctx) {
        return /^(a+)+$/.test("a".repeat(40) + "b");
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
