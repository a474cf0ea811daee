import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { ANOTHER_HOST } from "../rights.ts";

export default {
  name: "send_datagram",
  what: "Sends a secret as a datagram by node:dgram, which connects to nothing.",
  module: js`
    export default {
      async run(at, ctx) {
        const socket = process.getBuiltinModule("node:dgram").createSocket("udp4");
        return await new Promise((resolve, reject) => {
          socket.on("error", reject);
          socket.send("secret", at.udpPort, "127.0.0.1", (error) => {
            if (error) reject(error);
            else setTimeout(() => resolve("sent"), 20);
          });
        });
      },
    };`,
  rights: ANOTHER_HOST,
  expect: denied("net"),
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("udp"),
} satisfies Attack;
