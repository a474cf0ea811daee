import { type Attack, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "dns_by_node",
  what: "Puts a secret into a name and has Node ask a name server of its choice.",
  module: js`
    export default {
      async run(at, ctx) {
        const { Resolver } = process.getBuiltinModule("node:dns").promises;
        const resolver = new Resolver();
        resolver.setServers(["127.0.0.1:" + at.udpPort]);
        return await resolver.resolve4("secret.example");
      },
    };`,
  rights: holding("sys"),
  expect: { outcome: "script_error" },
  control: alteredCell("every host granted", {
    rights: holding("net", "sys"),
    limits: { wallMs: 700 },
  }),
  proof: canaryHit("udp"),
} satisfies Attack;
