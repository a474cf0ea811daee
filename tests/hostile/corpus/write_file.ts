import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "write_file",
  what: "Writes a file that every user of the machine may write.",
  module: js`
    export default {
      async run(at, ctx) {
        Deno.writeTextFileSync(at.openFile, "was here");
        return "written";
      },
    };`,
  expect: ({ openFile }) => denied("write", openFile),
  control: alteredCell("write granted", { rights: holding("write") }),
  proof: canaryHit("changed"),
} satisfies Attack;
