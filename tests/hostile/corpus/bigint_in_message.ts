import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { processDied } from "../proofs.ts";

export default {
  name: "bigint_in_message",
  what: "Posts a message that can be cloned but not be written as JSON, on which the harness " +
    "would end with an error nobody catches.",
  module: js`
    export default {
      async run(at, ctx) {
        self.postMessage({ t: "call", id: 1n, method: "attachment.read", params: {} });
        await new Promise(() => {});
      },
    };`,
  expect: { outcome: "protocol" },
  control: alteredCell("errors of the harness not caught", {
    harness: [["if (!(error instanceof TypeError)) throw error;", "throw error;"]],
  }),
  proof: processDied({ code: 1 }),
} satisfies Attack;
