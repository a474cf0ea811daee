import { type Attack, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "sqlite_spills_to_disk",
  what: "Has SQLite keep a temporary table in /var/tmp, for which Deno asks for no permission.",
  module: js`
    export default {
      run() {
        const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
        const database = new DatabaseSync(":memory:");
        database.exec("pragma temp_store = file; pragma cache_size = 1; create temp table t (x)");
        for (let i = 0; i < 20; i++) database.exec("insert into t values (zeroblob(1000000))");
        return "spilt";
      },
    };`,
  expect: { outcome: "exited", detail: { signal: "SIGXFSZ" } },
  expectAtLevel2: { outcome: "script_error", detail: { message: "disk I/O error" } },
  control: alteredCell("the limit of a file lifted", { args: [["--fsize=", "--fsize=100000000"]] }),
  proof: believed("spilt"),
} satisfies Attack;
