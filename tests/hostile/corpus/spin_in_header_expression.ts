import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_header_expression",
  what: "Splits a header of nothing but blanks by a regular expression that takes time in the " +
    "square of its length.",
  advisory: "CVE-2023-26103",
  module: js`
    export default {
      async run(at, ctx) {
        return (" ".repeat(400_000) + "x").split(/\s*,\s*/).length;
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
