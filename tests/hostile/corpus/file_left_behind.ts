import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "file_left_behind",
  what: "Reads what another script has written into a folder that everybody may write to.",
  module: js`
    export default {
      async run(at, ctx) {
        return Deno.readTextFileSync(at.openFolder + "/drop");
      },
    };`,
  accomplice: {
    when: "before",
    module: js`
    export default {
      async run(at, ctx) {
        Deno.writeTextFileSync(at.openFolder + "/drop", "left behind");
      },
    };`,
  },
  expect: ({ openFolder }) => denied("read", `${openFolder}/drop`),
  control: alteredCell("read and write granted", { rights: holding("read", "write") }),
  proof: believed("left behind"),
} satisfies Attack;
