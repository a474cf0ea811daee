import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "sqlite_creates_file",
  what: "Has SQLite create a database file, from native code.",
  module: js`
    export default {
      async run(at, ctx) {
        const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
        new DatabaseSync(at.openFolder + "/planted.db").exec("create table t (x)");
        return "planted";
      },
    };`,
  expect: ({ openFolder }) => denied("read", `${openFolder}/planted.db`),
  control: alteredCell("read and write granted", { rights: holding("read", "write") }),
  proof: canaryHit("planted"),
} satisfies Attack;
