import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "import_file_in_data_module",
  what: "Builds a data: module at run time whose own static import is a file, so that no import " +
    "of a file stands in the script.",
  advisory: "CVE-2021-32619",
  module: js`
    export default {
      async run(at, ctx) {
        const url = "file://" + at.secretFile;
        const source = 'export { default } from "' + url + '" with { type: "json" }';
        return (await import("data:text/javascript," + encodeURIComponent(source))).default;
      },
    };`,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: alteredCell("read granted", { rights: holding("read") }),
  proof: secretReturned,
} satisfies Attack;
