import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "listen_on_port",
  what: "Listens on a port, so that others come to it.",
  module: js`
    export default {
      async run(at, ctx) {
        const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
        ctx.emit("listening", listener.addr.port);
        const connection = await listener.accept();
        return await connection.read(new Uint8Array(9));
      },
    };`,
  expect: denied("net"),
  control: alteredCell("net granted", { rights: holding("net") }),
  proof: canaryHit("listening"),
} satisfies Attack;
