import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { ANOTHER_HOST } from "../rights.ts";

export default {
  name: "connect_by_zero_host",
  what: 'Connects to the host "0", which the system takes for the loopback and which no rule ' +
    "about 127.0.0.1 names.",
  module: js`
    export default {
      async run(at, ctx) {
        const connection = await Deno.connect({ hostname: "0", port: at.tcpPort });
        await connection.write(new TextEncoder().encode("secret"));
        return await connection.read(new Uint8Array(99));
      },
    };`,
  rights: ANOTHER_HOST,
  expect: ({ tcpPort }) => denied("net", `0:${tcpPort}`),
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
