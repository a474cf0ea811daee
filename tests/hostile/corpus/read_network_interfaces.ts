import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "read_network_interfaces",
  what: "Asks for the addresses of the machine, which tell it apart and name its neighbours.",
  module: js`
    export default {
      async run(at, ctx) {
        return Array.isArray(Deno.networkInterfaces());
      },
    };`,
  expect: denied("sys", "networkInterfaces"),
  control: alteredCell("sys granted", { rights: holding("sys") }),
  proof: believed(true),
} satisfies Attack;
