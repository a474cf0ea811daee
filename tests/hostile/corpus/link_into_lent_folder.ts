import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { ownDir } from "../loans.ts";
import { secretReturned } from "../proofs.ts";
import { lentFolder } from "../rights.ts";

export default {
  name: "link_into_lent_folder",
  what: "Makes a link to a file of the agent in the folder that it was lent, and reads that.",
  module: js`
    export default {
      async run(at, ctx) {
        Deno.symlinkSync(at.secretFile, ctx.dir.path + "/link");
        return Deno.readTextFileSync(ctx.dir.path + "/link");
      },
    };`,
  rights: lentFolder,
  lent: ownDir,
  expect: denied("unknown"),
  control: alteredCell("read and write granted", { rights: holding("read", "write") }),
  proof: secretReturned,
} satisfies Attack;
