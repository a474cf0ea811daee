import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "stat_by_writer",
  what: "Asks for size and times of a file that it may only write, through the open file.",
  advisory: "CVE-2025-61786",
  module: js`
    export default {
      async run(at, ctx) {
        return Deno.openSync(at.openFile, { write: true }).statSync().size;
      },
    };`,
  rights: ({ openFile }) => ({
    allow: [`--allow-write=${openFile}`],
    deny: [],
    worker: { write: [openFile] },
  }),
  expect: denied("read"),
  control: alteredCell("read and write granted", { rights: holding("read", "write") }),
  proof: believed(5),
} satisfies Attack;
