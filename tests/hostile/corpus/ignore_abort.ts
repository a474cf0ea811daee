import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { lastedPast } from "../proofs.ts";

export default {
  name: "ignore_abort",
  what: "Is told by its signal that the deadline has passed, and goes on.",
  module: js`
    export default {
      async run(at, ctx) {
        ctx.signal.addEventListener("abort", (event) => event.stopImmediatePropagation());
        await new Promise(() => {});
      },
    };`,
  limits: { wallMs: 200 },
  expect: { outcome: "wall", detail: { reason: "deadline" } },
  control: alteredCell("the deadline lifted", { limits: { wallMs: 600 } }),
  proof: lastedPast(500),
} satisfies Attack;
