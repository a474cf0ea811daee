import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "call_sent_again",
  what: "Sends a call a second time, to have it done twice.",
  module: js`
    export default {
      async run(at, ctx) {
        const call = { t: "call", id: 1, task: 1, method: "store.add", params: '{"key":"k"}' };
        self.postMessage(call);
        self.postMessage(call);
        await new Promise((resolve) => setTimeout(resolve, 300));
        return "twice";
      },
    };`,
  lent: true,
  expect: { outcome: "protocol" },
  control: alteredCell("calls numbered by the harness", {
    harness: [[
      "JSON.stringify({ id, task,",
      "JSON.stringify({ id: (self.n = (self.n ?? 0) + 1), task,",
    ]],
  }),
  proof: believed("twice"),
} satisfies Attack;
