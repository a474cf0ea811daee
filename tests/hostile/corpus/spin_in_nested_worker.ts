import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { cpuBurntPast } from "../proofs.ts";

export default {
  name: "spin_in_nested_worker",
  what: "Burns a core in a Worker of its own and waits.",
  module: js`
    export default {
      async run(at, ctx) {
        const worker = new Worker("data:text/javascript,for(;;);", { type: "module" });
        await new Promise((resolve) => worker.onmessage = resolve);
      },
    };`,
  limits: { cpuMs: 100, memoryBytes: 900_000_000 },
  expect: { outcome: "cpu", detail: { limitMs: 100 } },
  control: alteredCell("the cpu limit raised", { limits: { cpuMs: 400 } }),
  proof: cpuBurntPast(300),
} satisfies Attack;
