import { type Attack, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { ANOTHER_HOST } from "../rights.ts";

export default {
  name: "connect_by_unix_proxy",
  what: "Has fetch go through a unix socket of the machine, as that of a container engine.",
  module: js`
    export default {
      async run(at, ctx) {
        const proxy = { transport: "unix", path: at.unixSocket };
        const client = Deno.createHttpClient({ proxy });
        return await (await fetch("http://192.0.2.1/?secret", { client })).text();
      },
    };`,
  rights: ANOTHER_HOST,
  expect: { outcome: "denied" },
  control: alteredCell("net and read and write granted", {
    rights: holding("net", "read", "write"),
  }),
  proof: canaryHit("unix"),
} satisfies Attack;
