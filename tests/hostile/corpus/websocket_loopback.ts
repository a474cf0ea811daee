import type { CellRights } from "../../../runtime/sandbox/mod.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { type Attack, denied, js } from "../attack.ts";

/** Another host is granted, so that the cell has a network and only Deno's own list is in the way. */
const ANOTHER_HOST: CellRights = {
  allow: ["--allow-net=192.0.2.1:80"],
  deny: [],
  worker: { net: ["192.0.2.1:80"] },
};

export default {
  name: "websocket_loopback",
  what: "Opens a WebSocket, whose handshake reaches any HTTP service of the machine.",
  module: js`
    export default {
      async run(at, ctx) {
        const socket = new WebSocket("ws://localhost:" + at.tcpPort + "/?secret");
        return await new Promise((resolve) => socket.onclose = socket.onerror = () => resolve("closed"));
      },
    };`,
  rights: ANOTHER_HOST,
  expect: ({ tcpPort }) => denied("net", `localhost:${tcpPort}`),
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
