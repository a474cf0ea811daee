import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "sqlite_attaches_file",
  what: "Opens a database in memory, which needs no permission, and attaches a file by SQL.",
  advisory: "CVE-2025-48935",
  module: js`
    export default {
      async run(at, ctx) {
        const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
        const database = new DatabaseSync(":memory:");
        database.exec("attach '" + at.openFolder + "/planted.db' as f; create table f.t (x)");
        return "planted";
      },
    };`,
  expect: { outcome: "script_error" },
  control: bareHost("every right, in the realm of the host", { realm: "main" }),
  proof: canaryHit("planted"),
} satisfies Attack;
