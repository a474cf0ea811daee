import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { ownFolder } from "../rights.ts";

export default {
  name: "temp_folder_outside_granted_folder",
  what: "Climbs out of its granted folder by the prefix of a temporary folder that it has " +
    "made.",
  advisory: "CVE-2024-27931",
  module: js`
    export default {
      async run(at, ctx) {
        process.getBuiltinModule("node:fs").mkdtempSync(at.ownFolder + "/../open/planted");
        return "planted";
      },
    };`,
  rights: ownFolder,
  expect: denied("write"),
  control: alteredCell("read and write granted", { rights: holding("read", "write") }),
  proof: canaryHit("planted"),
} satisfies Attack;
