import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "fetch_loopback",
  what: "Sends a secret to a service of the machine by fetch.",
  module: js`
    export default {
      async run(at, ctx) {
        return await (await fetch("http://127.0.0.1:" + at.tcpPort + "/?secret")).text();
      },
    };`,
  expect: ({ tcpPort }) => denied("net", `127.0.0.1:${tcpPort}`),
  control: alteredCell("net granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
