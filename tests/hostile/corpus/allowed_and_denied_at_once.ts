import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "allowed_and_denied_at_once",
  what: "Reads a file where reading is granted and denied as a whole, of which the denial must " +
    "win.",
  advisory: "CVE-2025-48888",
  module: js`
    export default {
      async run(at, ctx) {
        return Deno.readTextFileSync(at.secretFile);
      },
    };`,
  rights: { allow: ["--allow-read"], deny: ["--deny-read"], worker: "inherit" },
  expect: denied("read"),
  control: alteredCell("nothing denied", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
