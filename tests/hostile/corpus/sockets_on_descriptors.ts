import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "sockets_on_descriptors",
  what: "Makes a socket out of every descriptor number and writes to it; the cell holds nothing " +
    "open but copies of 0, 1 and 2, where what is written is no frame.",
  module: js`
    export default {
      async run(at, ctx) {
        const { Socket } = process.getBuiltinModule("node:net");
        for (let fd = 3; fd < 64; fd++) {
          try {
            new Socket({ fd }).on("error", () => {}).write("GET /?secret HTTP/1.0\r\n\r\n");
          } catch {
            // not open, or not a socket
          }
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
        return "tried";
      },
    };`,
  expect: { outcome: "protocol" },
  control: bareHost("a host that holds a connection", { holdsConnection: true }),
  proof: canaryHit("tcp"),
} satisfies Attack;
