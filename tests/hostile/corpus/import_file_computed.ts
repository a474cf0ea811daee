import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "import_file_computed",
  what: "Imports a file as text by a computed specifier, which the import gate cannot see.",
  module: js`
    export default {
      async run(at, ctx) {
        const options = { with: { type: "text" } };
        return (await import("file://" + at.secretFile, options)).default;
      },
    };`,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
