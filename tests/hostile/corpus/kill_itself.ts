import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { processDied } from "../proofs.ts";

export default {
  name: "kill_itself",
  what: "Ends the whole process with SIGKILL to its own pid, for which Deno asks no permission; " +
    "the agent lives in another process.",
  module: js`
    export default {
      async run(at, ctx) {
        process.kill(process.pid, "SIGKILL");
        await new Promise(() => {});
      },
    };`,
  expect: { outcome: "exited", detail: { signal: "SIGKILL" } },
  control: bareHost("a Worker without permissions as the only wall"),
  proof: processDied({ signal: "SIGKILL" }),
} satisfies Attack;
