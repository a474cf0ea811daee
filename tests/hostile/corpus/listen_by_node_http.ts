import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "listen_by_node_http",
  what: "Serves HTTP by node:http, so that others come to it.",
  module: js`
    export default {
      async run(at, ctx) {
        const server = process.getBuiltinModule("node:http").createServer();
        return await new Promise((resolve, reject) => {
          server.on("error", reject);
          server.on("connection", () => resolve("visited"));
          server.listen(0, "127.0.0.1", () => ctx.emit("listening", server.address().port));
        });
      },
    };`,
  expect: denied("net"),
  control: alteredCell("net granted", { rights: holding("net") }),
  proof: canaryHit("listening"),
} satisfies Attack;
