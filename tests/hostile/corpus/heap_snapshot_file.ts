import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "heap_snapshot_file",
  what: "Writes a file through V8's own heap snapshot.",
  module: js`
    export default {
      async run(at, ctx) {
        process.getBuiltinModule("node:v8").writeHeapSnapshot(at.openFolder + "/heap");
        return "planted";
      },
    };`,
  limits: { memoryBytes: 400_000_000 },
  expect: denied("write"),
  control: alteredCell("write granted", { rights: holding("write") }),
  proof: canaryHit("planted"),
} satisfies Attack;
