import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "read_proc_of_other_process",
  what:
    "Reads the environment of another process of its own user from /proc, where file modes do " +
    "not help.",
  module: js`
    export default {
      async run(at, ctx) {
        return Deno.readTextFileSync("/proc/" + at.victimPid + "/environ");
      },
    };`,
  expect: ({ victimPid }) => denied("read", `/proc/${victimPid}/environ`),
  control: bareHost("every right, in the realm of the host", { realm: "main" }),
  proof: secretReturned,
} satisfies Attack;
