import { type Attack, denied, js } from "../attack.ts";
import { holding } from "../controls/altered_cell.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "proc_through_node",
  what: "Is granted every file and reads what the agent was started with by node:fs.",
  advisory: "CVE-2024-34346",
  module: js`
    export default {
      async run(at, ctx) {
        const fs = process.getBuiltinModule("node:fs");
        return fs.readFileSync("/proc/" + at.agentPid + "/cmdline", "utf8").length > 0;
      },
    };`,
  rights: holding("read"),
  expect: denied("all"),
  control: bareHost("every right, in the realm of the host", { realm: "main" }),
  proof: believed(true),
} satisfies Attack;
