import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "flood_calls",
  what: "Asks a capability for more and more without waiting for an answer.",
  module: js`
    export default {
      async run(at, ctx) {
        const params = '{"key":"slow"}';
        for (let id = 1; id <= 2_000; id++) {
          self.postMessage({ t: "call", id, task: 1, method: "store.get", params });
          if (id % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        }
        return "flooded";
      },
    };`,
  lent: true,
  expect: { outcome: "protocol" },
  control: alteredCell("any number of calls waiting", { bounds: { waiting: 1e9 } }),
  proof: believed("flooded"),
} satisfies Attack;
