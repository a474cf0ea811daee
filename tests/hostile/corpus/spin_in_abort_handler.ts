import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { lastedPast } from "../proofs.ts";

export default {
  name: "spin_in_abort_handler",
  what: "Is told to stop, and burns a core in the very handler it is told by.",
  module: js`
    export default {
      async run(at, ctx) {
        ctx.signal.addEventListener("abort", () => {
          for (;;);
        });
        await new Promise(() => {});
      },
    };`,
  limits: { wallMs: 200 },
  expect: { outcome: "wall", detail: { reason: "deadline" } },
  control: alteredCell("the deadline lifted", { limits: { wallMs: 600 } }),
  proof: lastedPast(500),
} satisfies Attack;
