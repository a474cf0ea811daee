import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { ANOTHER_HOST } from "../rights.ts";

export default {
  name: "connect_by_http2",
  what: "Opens a session of node:http2, which speaks first.",
  module: js`
    export default {
      async run(at, ctx) {
        const session = process.getBuiltinModule("node:http2").connect("http://127.0.0.1:" + at.tcpPort);
        return await new Promise((resolve, reject) => {
          session.on("error", reject);
          session.on("close", () => resolve("closed"));
        });
      },
    };`,
  rights: ANOTHER_HOST,
  expect: denied("net"),
  control: alteredCell("every host granted", { rights: holding("net"), limits: { wallMs: 500 } }),
  proof: canaryHit("tcp"),
} satisfies Attack;
