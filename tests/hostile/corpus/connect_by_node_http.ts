import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { ANOTHER_HOST } from "../rights.ts";

export default {
  name: "connect_by_node_http",
  what: "Asks a service of the machine with node:http, whose requests take another way than " +
    "fetch.",
  advisory: "CVE-2023-33966",
  module: js`
    export default {
      async run(at, ctx) {
        const { get } = process.getBuiltinModule("node:http");
        return await new Promise((resolve, reject) => {
          const options = { host: "127.0.0.1", port: at.tcpPort, path: "/?secret" };
          get(options, ({ statusCode }) => resolve(statusCode)).on("error", reject);
        });
      },
    };`,
  rights: ANOTHER_HOST,
  expect: denied("net"),
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
