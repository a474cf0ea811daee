import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "left_in_globals",
  what: "Finds what another script left in the global scope.",
  module: js`
    export default {
      async run(at, ctx) {
        return String(globalThis.drop);
      },
    };`,
  accomplice: {
    when: "before",
    module: js`
    export default {
      async run(at, ctx) {
        globalThis.drop = "left behind";
      },
    };`,
  },
  expect: { outcome: "ok", result: "undefined" },
  control: bareHost("both scripts in one realm", { realm: "main" }),
  proof: believed("left behind"),
} satisfies Attack;
