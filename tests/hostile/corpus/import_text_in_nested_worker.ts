import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "import_text_in_nested_worker",
  what: "Imports a file as text from the main module of a Worker of its own, made of a blob.",
  module: js`
    export default {
      async run(at, ctx) {
        const source = 'import s from "file://' + at.secretFile + '" with { type: "text" };' +
          "postMessage(s)";
        const blob = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
        const worker = new Worker(blob, { type: "module" });
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
