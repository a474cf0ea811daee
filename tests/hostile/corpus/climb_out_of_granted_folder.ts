import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";
import { ownFolder } from "../rights.ts";

export default {
  name: "climb_out_of_granted_folder",
  what: "Climbs out of its granted folder by its path.",
  module: js`
    export default {
      async run(at, ctx) {
        return Deno.readTextFileSync(at.ownFolder + "/../secret.json");
      },
    };`,
  rights: ownFolder,
  expect: denied("read"),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
