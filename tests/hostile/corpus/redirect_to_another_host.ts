import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "redirect_to_another_host",
  what: "Asks a granted web server, with a password, which redirects to a service that was not " +
    "granted.",
  advisory: "CVE-2025-21620",
  module: js`
    export default {
      async run(at, ctx) {
        const headers = { authorization: "Bearer secret" };
        return await (await fetch("http://127.0.0.1:" + at.redirectPort, { headers })).text();
      },
    };`,
  rights: ({ redirectPort }) => ({
    allow: [`--allow-net=127.0.0.1:${redirectPort}`],
    deny: [],
    worker: { net: [`127.0.0.1:${redirectPort}`] },
  }),
  expect: ({ tcpPort }) => denied("net", `127.0.0.1:${tcpPort}`),
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
