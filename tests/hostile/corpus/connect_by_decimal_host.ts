import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { NO_LOOPBACK } from "../rights.ts";

export default {
  name: "connect_by_decimal_host",
  what: "Is granted every host but the loopback and writes its address as one number.",
  module: js`
    export default {
      async run(at, ctx) {
        const connection = await Deno.connect({ hostname: "2130706433", port: at.tcpPort });
        await connection.write(new TextEncoder().encode("secret"));
        return await connection.read(new Uint8Array(99));
      },
    };`,
  rights: NO_LOOPBACK,
  expect: denied("net"),
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
