import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { ANOTHER_HOST } from "../rights.ts";

export default {
  name: "connect_by_mapped_ipv6",
  what: "Connects to the loopback as an IPv4-mapped IPv6 address.",
  module: js`
    export default {
      async run(at, ctx) {
        const connection = await Deno.connect({ hostname: "::ffff:127.0.0.1", port: at.tcpPort });
        await connection.write(new TextEncoder().encode("secret"));
        return await connection.read(new Uint8Array(99));
      },
    };`,
  rights: ANOTHER_HOST,
  expect: denied("net"),
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
