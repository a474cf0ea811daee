import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "file_times_by_reader",
  what: "Changes the times of a file that it may only read, through the open file.",
  advisory: "CVE-2025-61785",
  module: js`
    export default {
      async run(at, ctx) {
        Deno.openSync(at.openFile, { read: true }).utimeSync(1, 1);
        return "changed";
      },
    };`,
  rights: ({ openFile }) => ({
    allow: [`--allow-read=${openFile}`],
    deny: [],
    worker: { read: [openFile] },
  }),
  expect: denied("write"),
  control: bareHost("every right, in the realm of the host", { realm: "main" }),
  proof: canaryHit("changed"),
} satisfies Attack;
