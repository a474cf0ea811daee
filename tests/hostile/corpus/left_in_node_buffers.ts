import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "left_in_node_buffers",
  what: "Looks through the pool that Node cuts its buffers from for what another script had in " +
    "one.",
  advisory: "CVE-2024-27935",
  module: js`
    export default {
      async run(at, ctx) {
        const { Buffer } = process.getBuiltinModule("node:buffer");
        const pool = new Uint8Array(Buffer.from("mine").buffer);
        return new TextDecoder("latin1").decode(pool).includes("left behind");
      },
    };`,
  accomplice: {
    when: "before",
    module: js`
    export default {
      async run(at, ctx) {
        process.getBuiltinModule("node:buffer").Buffer.from("left behind");
      },
    };`,
  },
  expect: { outcome: "ok", result: false },
  control: bareHost("both scripts in one realm", { realm: "main" }),
  proof: believed(true),
} satisfies Attack;
