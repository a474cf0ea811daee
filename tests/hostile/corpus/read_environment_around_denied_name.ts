import { type Attack, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "read_environment_around_denied_name",
  what: "Reads all of the environment at once, where one name of it is denied.",
  advisory: "CVE-2025-48934",
  module: js`
    export default {
      async run(at, ctx) {
        return Deno.env.toObject().HOME ?? "not there";
      },
    };`,
  rights: { allow: ["--allow-env"], deny: ["--deny-env=HOME"], worker: "inherit" },
  expect: { outcome: "ok", result: "not there" },
  control: alteredCell("that name not denied", { rights: holding("env") }),
  proof: believed("/nonexistent"),
} satisfies Attack;
