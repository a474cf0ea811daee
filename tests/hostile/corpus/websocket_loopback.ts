import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { ANOTHER_HOST } from "../rights.ts";

export default {
  name: "websocket_loopback",
  what: "Opens a WebSocket, whose handshake reaches any HTTP service of the machine.",
  module: js`
    export default {
      async run(at, ctx) {
        const socket = new WebSocket("ws://localhost:" + at.tcpPort + "/?secret");
        return await new Promise((resolve) => {
          socket.onclose = () => resolve("closed");
        });
      },
    };`,
  rights: ANOTHER_HOST,
  expect: ({ tcpPort }) => denied("net", `localhost:${tcpPort}`),
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
