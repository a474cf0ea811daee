import { type Attack, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";
import { ANOTHER_HOST } from "../rights.ts";

export default {
  name: "event_source_loopback",
  what: "Opens an EventSource, which connects again and again.",
  module: js`
    export default {
      async run(at, ctx) {
        const source = new EventSource("http://127.0.0.1:" + at.tcpPort + "/?secret");
        return await new Promise((resolve) => source.onerror = () => resolve("closed"));
      },
    };`,
  rights: ANOTHER_HOST,
  expect: { outcome: "ok", result: "closed" },
  control: alteredCell("every host granted", { rights: holding("net") }),
  proof: canaryHit("tcp"),
} satisfies Attack;
