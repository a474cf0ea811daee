import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "database_left_behind",
  what: "Reads what another script has put into the key-value store of the runtime.",
  module: js`
    export default {
      async run(at, ctx) {
        const kv = await Deno.openKv();
        return (await kv.get(["drop"])).value;
      },
    };`,
  accomplice: {
    when: "before",
    module: js`
    export default {
      async run(at, ctx) {
        const kv = await Deno.openKv();
        await kv.set(["drop"], "left behind");
      },
    };`,
  },
  expect: { outcome: "script_error" },
  control: bareHost("both scripts in one realm", { realm: "main", flags: ["--unstable-kv"] }),
  proof: believed("left behind"),
} satisfies Attack;
