import { type Attack, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "nested_worker_with_more_rights",
  what: "Starts a Worker of its own and asks more permissions for it than it has.",
  module: js`
    export default {
      async run(at, ctx) {
        const source = "postMessage(Deno.readTextFileSync(" + JSON.stringify(at.secretFile) + "))";
        const worker = new Worker("data:text/javascript," + encodeURIComponent(source), {
          type: "module",
          deno: { permissions: { read: true } },
        });
        return await new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
      },
    };`,
  limits: { memoryBytes: 900_000_000 },
  expect: { outcome: "denied" },
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
