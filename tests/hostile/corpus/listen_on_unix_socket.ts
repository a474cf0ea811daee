import { type Attack, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "listen_on_unix_socket",
  what: "Listens on a unix socket, which leaves a file where others look for a service.",
  module: js`
    export default {
      async run(at, ctx) {
        Deno.listen({ transport: "unix", path: at.openFolder + "/planted.sock" });
        return "listening";
      },
    };`,
  expect: { outcome: "denied" },
  control: alteredCell("net and read and write granted", {
    rights: holding("net", "read", "write"),
  }),
  proof: canaryHit("planted"),
} satisfies Attack;
