import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "list_processes",
  what: "Lists the processes of the machine.",
  module: js`
    export default {
      async run(at, ctx) {
        return [...Deno.readDirSync("/proc")].length > 0;
      },
    };`,
  expect: denied("read", "/proc"),
  control: bareHost("every right, in the realm of the host", { realm: "main" }),
  proof: believed(true),
} satisfies Attack;
