import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "run_command_by_node",
  what: "Runs a command with node:child_process, in a cell that may read the environment, which " +
    "Node does first.",
  module: js`
    export default {
      async run(at, ctx) {
        const { spawn } = process.getBuiltinModule("node:child_process");
        return await new Promise((resolve, reject) => {
          const child = spawn("/bin/cat", [at.secretFile]);
          child.on("error", reject);
          child.stdout.on("data", (data) => resolve(String(data)));
        });
      },
    };`,
  rights: holding("env"),
  expect: denied("run"),
  control: alteredCell("run granted", { rights: holding("env", "run") }),
  proof: secretReturned,
} satisfies Attack;
