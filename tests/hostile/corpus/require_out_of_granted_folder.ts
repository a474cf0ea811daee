import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";
import { ownFolder } from "../rights.ts";

export default {
  name: "require_out_of_granted_folder",
  what: "Requires a file out of its granted folder by a path through node_modules, which the " +
    "loader trusts more.",
  advisory: "CVE-2026-49406",
  module: js`
    export default {
      async run(at, ctx) {
        const { createRequire } = process.getBuiltinModule("node:module");
        const load = createRequire(at.ownFolder + "/script.cjs");
        return load("./node_modules/evil/../../../secret.json");
      },
    };`,
  rights: ownFolder,
  expect: denied("read"),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
