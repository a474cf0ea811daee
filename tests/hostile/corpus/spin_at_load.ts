import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_at_load",
  what: "Spins at the top level of the module, before its run is called.",
  module: js`
    for (;;);
    export default { run() {} };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
