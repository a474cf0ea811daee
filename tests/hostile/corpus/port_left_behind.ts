import { type Attack, js } from "../attack.ts";
import type { Targets } from "../canaries.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

/** An address of the loopback on which nothing listens, by the number of a port that is in use. */
const address = ({ tcpPort }: Targets) => `127.0.0.2:${tcpPort}`;

export default {
  name: "port_left_behind",
  what: "Never closes the port it listens on, so that whoever comes next cannot have it, or " +
    "comes to the wrong one; a process that ends lets go of everything.",
  module: js`
    export default {
      run(at, ctx) {
        try {
          Deno.listen({ hostname: "127.0.0.2", port: at.tcpPort }).close();
          return "free";
        } catch (error) {
          return error.name;
        }
      },
    };`,
  accomplice: {
    when: "before",
    module: js`
    export default {
      run(at, ctx) {
        globalThis.kept = Deno.listen({ hostname: "127.0.0.2", port: at.tcpPort });
      },
    };`,
  },
  rights: (at) => ({
    allow: [`--allow-net=${address(at)}`],
    deny: [],
    worker: { net: [address(at)] },
  }),
  expect: { outcome: "ok", result: "free" },
  control: bareHost("one process for both scripts", { realm: "main" }),
  proof: believed("AddrInUse"),
} satisfies Attack;
