import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { openFolder } from "../rights.ts";

export default {
  name: "hard_link_into_granted_folder",
  what: "Makes a hard link in its granted folder to a file outside, by node:fs.",
  module: js`
    export default {
      async run(at, ctx) {
        process.getBuiltinModule("node:fs").linkSync(at.openFile, at.openFolder + "/link");
        Deno.writeTextFileSync(at.openFolder + "/link", "was here");
        return "written";
      },
    };`,
  rights: openFolder,
  expect: denied("read"),
  control: alteredCell("read and write granted", { rights: holding("read", "write") }),
  proof: canaryHit("changed"),
} satisfies Attack;
