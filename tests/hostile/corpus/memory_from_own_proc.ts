import { type Attack, denied, js } from "../attack.ts";
import { holding } from "../controls/altered_cell.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "memory_from_own_proc",
  what: "Is granted every file and opens the memory of its own process to write to it.",
  advisory: "CVE-2024-34346",
  module: js`
    export default {
      async run(at, ctx) {
        Deno.openSync("/proc/self/mem", { read: true, write: true }).close();
        return "opened";
      },
    };`,
  rights: holding("read", "write"),
  expect: denied("all"),
  control: bareHost("every right, in the realm of the host", { realm: "main" }),
  proof: believed("opened"),
} satisfies Attack;
