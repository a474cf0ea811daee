import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_microtasks",
  what:
    "Queues one microtask after another, so that no message and no timer of its realm is ever " +
    "handled.",
  module: js`
    export default {
      async run(at, ctx) {
        const again = () => void Promise.resolve().then(again);
        again();
        await new Promise(() => {});
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
