import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "result_of_another_type",
  what: "Posts a result that is no text, which would be written as another frame than it says.",
  module: js`
    export default {
      async run(at, ctx) {
        self.postMessage({ t: "result", id: 1, result: 42 });
        await new Promise(() => {});
      },
    };`,
  expect: { outcome: "protocol" },
  control: alteredCell("no check of the result's type", {
    harness: [[' || typeof message.result !== "string"', ""]],
  }),
  proof: believed(42),
} satisfies Attack;
