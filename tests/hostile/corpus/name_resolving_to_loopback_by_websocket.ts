import { denoFlags } from "../../../runtime/policy/mod.ts";
import { type Attack, denied, js } from "../attack.ts";
import { alteredCell } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "name_resolving_to_loopback_by_websocket",
  what: "Opens a WebSocket to a granted name that resolves to the loopback.",
  advisory: "CVE-2026-49860",
  module: js`
    export default {
      async run(at, ctx) {
        const socket = new WebSocket("ws://localhost:" + at.tcpPort + "/?secret");
        return await new Promise((resolve, reject) => {
          socket.onclose = () => resolve("closed");
          socket.onerror = ({ error, message }) => reject(error ?? new Error(message));
        });
      },
    };`,
  rights: ({ tcpPort }) =>
    denoFlags({ net: [{ address: `localhost:${tcpPort}`, internal: false }] }),
  expect: denied("net"),
  control: alteredCell("`internal: true` for the name", {
    rights: ({ tcpPort }) =>
      denoFlags({ net: [{ address: `localhost:${tcpPort}`, internal: true }] }),
  }),
  proof: canaryHit("tcp"),
} satisfies Attack;
