import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { ANOTHER_HOST } from "../rights.ts";

export default {
  name: "connect_by_proxy",
  what: "Has fetch go through a proxy of its choice, which stands on the loopback.",
  module: js`
    export default {
      async run(at, ctx) {
        const client = Deno.createHttpClient({ proxy: { url: "http://127.0.0.1:" + at.tcpPort } });
        return await (await fetch("http://192.0.2.1/?secret", { client })).text();
      },
    };`,
  rights: ANOTHER_HOST,
  expect: denied("net"),
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
