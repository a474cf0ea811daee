import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "result_for_another_call",
  what: "Posts a result to the harness for a call that is not the one under way.",
  module: js`
    export default {
      async run(at, ctx) {
        self.postMessage({ t: "result", id: 99, result: '"forged"' });
        await new Promise(() => {});
      },
    };`,
  expect: { outcome: "protocol" },
  control: alteredCell("no check of the call's id", {
    harness: [["!state.underWay.has(message.id) || ", ""], [
      "id: message.id, ...figures()",
      "id: 1, ...figures()",
    ]],
  }),
  proof: believed("forged"),
} satisfies Attack;
