import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "import_file_static_text",
  what: "Imports a file statically as text; in a Worker the static graph is loaded with the " +
    "rights of the whole process, in a cell that process has none.",
  module: (at) =>
    js`
    import secret from "file://${at.secretFile}" with { type: "text" };
    export default { run: () => secret };`,
  ungated: true,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: bareHost("a Worker without permissions as the only wall"),
  proof: secretReturned,
} satisfies Attack;
