import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { processDied } from "../proofs.ts";

export default {
  name: "kill_itself_at_load",
  what: "Ends the process while its module is still being loaded, before there is a run to be " +
    "ended.",
  module: js`
    process.kill(process.pid, "SIGKILL");
    for (;;);
    export default { run() {} };`,
  expect: { outcome: "exited", detail: { signal: "SIGKILL" } },
  control: bareHost("a Worker without permissions as the only wall"),
  proof: processDied({ signal: "SIGKILL" }),
} satisfies Attack;
