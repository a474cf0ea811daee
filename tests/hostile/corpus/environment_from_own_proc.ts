import { type Attack, denied, js } from "../attack.ts";
import { holding } from "../controls/altered_cell.ts";
import { bareHost } from "../controls/bare_host.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "environment_from_own_proc",
  what: "Is granted every file and reads the environment of its own process as one.",
  advisory: "CVE-2024-34346",
  module: js`
    export default {
      async run(at, ctx) {
        return Deno.readTextFileSync("/proc/self/environ");
      },
    };`,
  rights: holding("read"),
  expect: denied("all"),
  control: bareHost("every right, in the realm of the host", {
    realm: "main",
    env: (_, secret) => ({ PASSWORD: secret }),
  }),
  proof: secretReturned,
} satisfies Attack;
