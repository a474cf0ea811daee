import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { lastedPast } from "../proofs.ts";

export default {
  name: "thenable_never_settles",
  what: "Answers with a thenable that never calls back.",
  module: js`
    export default {
      async run(at, ctx) {
        return { then() {} };
      },
    };`,
  limits: { wallMs: 200 },
  expect: { outcome: "wall", detail: { reason: "deadline" } },
  control: alteredCell("the deadline lifted", { limits: { wallMs: 600 } }),
  proof: lastedPast(500),
} satisfies Attack;
