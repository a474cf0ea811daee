import { type Attack, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";
import { openFolder } from "../rights.ts";

export default {
  name: "symlink_out_of_granted_folder",
  what: "Makes a symbolic link in its granted folder that leads out of it, and reads through it.",
  advisory: "CVE-2021-41641",
  module: js`
    export default {
      async run(at, ctx) {
        Deno.symlinkSync(at.secretFile, at.openFolder + "/link");
        return Deno.readTextFileSync(at.openFolder + "/link");
      },
    };`,
  rights: openFolder,
  expect: { outcome: "denied" },
  control: alteredCell("read and write granted", { rights: holding("read", "write") }),
  proof: secretReturned,
} satisfies Attack;
