import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { NO_LOOPBACK } from "../rights.ts";

export default {
  name: "connect_by_hex_host",
  what: "Is granted every host but the loopback and has a URL turn hexadecimal digits into its " +
    "address.",
  module: js`
    export default {
      async run(at, ctx) {
        return await (await fetch("http://0x7f.1:" + at.tcpPort + "/?secret")).text();
      },
    };`,
  rights: NO_LOOPBACK,
  expect: denied("net"),
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
