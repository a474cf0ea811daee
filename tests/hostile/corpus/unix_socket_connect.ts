import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "unix_socket_connect",
  what: "Connects to a unix socket of the machine, as those of D-Bus or a container engine.",
  module: js`
    export default {
      async run(at, ctx) {
        const socket = process.getBuiltinModule("node:net").connect({ path: at.unixSocket });
        return await new Promise((resolve, reject) => {
          socket.on("error", reject);
          socket.on("data", (data) => resolve(data.length));
          socket.write("secret");
        });
      },
    };`,
  expect: ({ unixSocket }) => denied("read", unixSocket),
  control: alteredCell("net and read and write granted", {
    rights: holding("net", "read", "write"),
  }),
  proof: canaryHit("unix"),
} satisfies Attack;
