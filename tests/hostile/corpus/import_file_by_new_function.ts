import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "import_file_by_new_function",
  what: "Hides the import of a file in code made by new Function, inside a blob: module.",
  module: js`
    export default {
      async run(at, ctx) {
        const load = new Function("url", "return import(url, { with: { type: 'json' } })");
        const source = "export default " + load + "; export const used = true";
        const blob = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
        const { default: again } = await import(blob);
        return (await again("file://" + at.secretFile)).default;
      },
    };`,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
