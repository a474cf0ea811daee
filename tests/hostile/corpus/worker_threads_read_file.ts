import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "worker_threads_read_file",
  what: "Reads a file in a node:worker_threads Worker, which is another way to a realm of its " +
    "own.",
  module: js`
    export default {
      async run(at, ctx) {
        const { Worker } = process.getBuiltinModule("node:worker_threads");
        const file = JSON.stringify(at.secretFile);
        const source = 'const { parentPort } = require("node:worker_threads");' +
          "parentPort.postMessage(require('fs').readFileSync(" + file + ", 'utf8'));";
        const worker = new Worker(source, { eval: true });
        return await new Promise((resolve, reject) => {
          worker.on("message", resolve);
          worker.on("error", reject);
        });
      },
    };`,
  limits: { memoryBytes: 900_000_000 },
  expect: ({ secretFile }) => denied("read", secretFile),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
