import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "watch_folder",
  what: "Watches a folder, to learn what others do in it.",
  module: js`
    export default {
      async run(at, ctx) {
        Deno.watchFs(at.openFolder).close();
        return "watching";
      },
    };`,
  expect: ({ openFolder }) => denied("read", openFolder),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: believed("watching"),
} satisfies Attack;
