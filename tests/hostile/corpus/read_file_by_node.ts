import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "read_file_by_node",
  what: "Fetches node:fs past the import gate with process.getBuiltinModule and reads a file; " +
    "Node's calls ask for the same permission as Deno's.",
  module: js`
    export default {
      async run(at, ctx) {
        const fs = process.getBuiltinModule("node:fs");
        return fs.readFileSync(at.secretFile, "utf8");
      },
    };`,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
