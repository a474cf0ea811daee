import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "read_file_by_deno",
  what: "Reads a file with Deno's own call, which the cell's process holds no right to.",
  module: js`
    export default {
      async run(at, ctx) {
        return Deno.readTextFileSync(at.secretFile);
      },
    };`,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
