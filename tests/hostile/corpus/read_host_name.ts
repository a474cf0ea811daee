import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "read_host_name",
  what: "Asks for the machine's name, one of the things that tell machines apart.",
  module: js`
    export default {
      async run(at, ctx) {
        return Deno.hostname();
      },
    };`,
  expect: denied("sys", "hostname"),
  control: alteredCell("sys granted", { rights: holding("sys") }),
  proof: believed(Deno.hostname()),
} satisfies Attack;
