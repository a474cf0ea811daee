import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_proxy_trap",
  what: "Answers with a proxy that never tells its keys to whoever writes it as JSON.",
  module: js`
    export default {
      async run(at, ctx) {
        return new Proxy({}, {
          ownKeys() {
            for (;;);
          },
        });
      },
    };`,
  limits: { cpuMs: 100 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
