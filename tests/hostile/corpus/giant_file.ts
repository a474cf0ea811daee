import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";
import { ownFolder } from "../rights.ts";

export default {
  name: "giant_file",
  what: "Writes a file that would fill the disk.",
  module: js`
    export default {
      async run(at, ctx) {
        const file = Deno.openSync(at.ownFolder + "/giant", { write: true, create: true });
        file.truncateSync(1_000_000_000);
        return "written";
      },
    };`,
  rights: ownFolder,
  expect: { outcome: "exited", detail: { signal: "SIGXFSZ" } },
  control: alteredCell("larger files allowed", { args: [["--fsize=", "--fsize=2000000000"]] }),
  proof: believed("written"),
} satisfies Attack;
