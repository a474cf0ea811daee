import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { ownDir } from "../loans.ts";
import { secretReturned } from "../proofs.ts";
import { lentFolder } from "../rights.ts";

export default {
  name: "climb_out_of_lent_folder",
  what: "Climbs out of the folder that it was lent, by a path, an encoded one and a file: URL.",
  module: js`
    export default {
      async run(at, ctx) {
        const { path } = ctx.dir;
        for (const way of [path + "/%2e%2e/secret.json", path + "/..%2fsecret.json"]) {
          try {
            return Deno.readTextFileSync(way);
          } catch {
            // No such file: the path is taken as it stands.
          }
        }
        return Deno.readTextFileSync(new URL("file://" + path + "/%2e%2e/secret.json"));
      },
    };`,
  rights: lentFolder,
  lent: ownDir,
  expect: denied("read"),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
