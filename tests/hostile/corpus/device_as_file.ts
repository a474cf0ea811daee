import { type Attack, denied, js } from "../attack.ts";
import { holding } from "../controls/altered_cell.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "device_as_file",
  what: "Is granted every file and opens a device of the machine.",
  advisory: "CVE-2024-34346",
  module: js`
    export default {
      async run(at, ctx) {
        Deno.openSync("/dev/full", { write: true }).close();
        return "opened";
      },
    };`,
  rights: holding("read", "write"),
  expect: denied("all"),
  control: bareHost("every right, in the realm of the host", { realm: "main" }),
  proof: believed("opened"),
} satisfies Attack;
