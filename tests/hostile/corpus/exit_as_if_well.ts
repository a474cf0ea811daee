import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { processDied } from "../proofs.ts";

export default {
  name: "exit_as_if_well",
  what: "Ends the process with exit code 0 in place of an answer, which must not pass for " +
    "success.",
  module: js`
    export default {
      async run(at, ctx) {
        process.reallyExit(0);
        await new Promise(() => {});
      },
    };`,
  expect: { outcome: "exited", detail: { code: 0 } },
  control: bareHost("the script in the realm of its host", { realm: "main" }),
  proof: processDied({ code: 0 }),
} satisfies Attack;
