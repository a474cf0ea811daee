import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";
import { ownFolder } from "../rights.ts";

export default {
  name: "flood_descriptors",
  what: "Opens files until none can be opened on the machine.",
  module: js`
    export default {
      async run(at, ctx) {
        const files = [];
        while (files.length < 1_000) files.push(Deno.openSync(at.ownFolder + "/note.txt"));
        return files.length;
      },
    };`,
  rights: ownFolder,
  expect: { outcome: "script_error" },
  control: alteredCell("more open files allowed", { args: [["--nofile=", "--nofile=4096"]] }),
  proof: believed(1000),
} satisfies Attack;
