import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "kill_other_process",
  what: "Sends SIGKILL to another process of its own user.",
  module: js`
    export default {
      async run(at, ctx) {
        process.kill(at.victimPid, "SIGKILL");
        return "sent";
      },
    };`,
  expect: denied("run"),
  control: alteredCell("run granted", { rights: holding("run") }),
  proof: canaryHit("killed"),
} satisfies Attack;
