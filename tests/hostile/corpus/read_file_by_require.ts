import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "read_file_by_require",
  what: "Makes itself a CommonJS require with node:module and requires a JSON file, which goes " +
    "through Node's own resolver and loader.",
  module: js`
    export default {
      async run(at, ctx) {
        const { createRequire } = process.getBuiltinModule("node:module");
        return createRequire("file:///script.cjs")(at.secretFile);
      },
    };`,
  expect: denied("read"),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
