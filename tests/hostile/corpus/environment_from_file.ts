import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";
import { ownFolder } from "../rights.ts";

export default {
  name: "environment_from_file",
  what: "Has Node load a file into the environment of the process, which it may not touch.",
  advisory: "CVE-2026-49983",
  module: js`
    export default {
      async run(at, ctx) {
        process.loadEnvFile(at.ownFolder + "/.env");
        return process.env.PLANTED;
      },
    };`,
  rights: ownFolder,
  expect: denied("env"),
  control: alteredCell("env granted", { rights: holding("read", "env") }),
  proof: believed("by a file"),
} satisfies Attack;
