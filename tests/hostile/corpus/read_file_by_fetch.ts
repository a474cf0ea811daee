import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "read_file_by_fetch",
  what: 'Reads a file as fetch("file:"), which asks for read and not for net.',
  module: js`
    export default {
      async run(at, ctx) {
        return await (await fetch("file://" + at.secretFile)).text();
      },
    };`,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
