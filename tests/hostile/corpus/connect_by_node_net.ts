import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { ANOTHER_HOST } from "../rights.ts";

export default {
  name: "connect_by_node_net",
  what: "Connects with node:net, whose handles are made below Deno's own API.",
  module: js`
    export default {
      async run(at, ctx) {
        const socket = process.getBuiltinModule("node:net").connect(at.tcpPort, "127.0.0.1");
        return await new Promise((resolve, reject) => {
          socket.on("error", reject);
          socket.on("data", (data) => resolve(data.length));
          socket.write("secret");
        });
      },
    };`,
  rights: ANOTHER_HOST,
  expect: denied("net"),
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
