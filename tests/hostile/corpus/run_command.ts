import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "run_command",
  what: "Runs a command of the machine, which would hold every right of the cell's user.",
  module: js`
    export default {
      async run(at, ctx) {
        const { stdout } = await new Deno.Command("/bin/cat", { args: [at.secretFile] }).output();
        return new TextDecoder().decode(stdout);
      },
    };`,
  expect: denied("run", "/bin/cat"),
  control: alteredCell("run granted", { rights: holding("run") }),
  proof: secretReturned,
} satisfies Attack;
