import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "signal_process_group",
  what: "Signals the process group of the agent by the pid 0, which is not the pid of any other " +
    "process.",
  module: js`
    export default {
      async run(at, ctx) {
        return process.kill(0, 0);
      },
    };`,
  expect: denied("run"),
  control: alteredCell("run granted", { rights: holding("run") }),
  proof: believed(true),
} satisfies Attack;
