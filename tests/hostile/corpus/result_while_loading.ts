import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "result_while_loading",
  what: "Posts a result while its module still loads, before it can have been asked anything.",
  module: js`
    self.postMessage({ t: "result", id: 0, result: '"early"' });
    await new Promise(() => {});
    export default { run() {} };`,
  expect: { outcome: "protocol" },
  control: alteredCell("no check of the call's id", {
    harness: [
      ["!state.underWay.has(message.id) || ", ""],
      ["id: message.id, ...figures()", "id: 1, ...figures()"],
    ],
  }),
  proof: believed("early"),
} satisfies Attack;
