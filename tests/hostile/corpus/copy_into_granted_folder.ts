import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";
import { ownFolder } from "../rights.ts";

export default {
  name: "copy_into_granted_folder",
  what: "Copies a file from outside into its granted folder, to read it there.",
  module: js`
    export default {
      async run(at, ctx) {
        Deno.copyFileSync(at.secretFile, at.ownFolder + "/copy");
        return Deno.readTextFileSync(at.ownFolder + "/copy");
      },
    };`,
  rights: ownFolder,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: alteredCell("read and write granted", { rights: holding("read", "write") }),
  proof: secretReturned,
} satisfies Attack;
