import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "import_file_in_nested_worker",
  what: "Imports a file statically from the main module of a Worker of its own, whose graph is " +
    "loaded with the rights of its parent.",
  advisory: "CVE-2021-32619",
  module: js`
    export default {
      async run(at, ctx) {
        const source = 'import s from "file://' + at.secretFile + '" with { type: "json" };' +
          "postMessage(s)";
        const worker = new Worker("data:text/javascript," + encodeURIComponent(source), {
          type: "module",
        });
        return await new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = (event) => {
            event.preventDefault();
            reject(new Error(event.message));
          };
        });
      },
    };`,
  limits: { memoryBytes: 900_000_000 },
  expect: ({ secretFile }) => denied("read", secretFile),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
