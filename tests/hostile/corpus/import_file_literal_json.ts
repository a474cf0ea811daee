import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "import_file_literal_json",
  what: "Imports a file as JSON by an import() with a literal specifier, which Deno loads with " +
    "the static graph.",
  module: (at) =>
    js`
    export default {
      async run() {
        return (await import("file://${at.secretFile}", { with: { type: "json" } })).default;
      },
    };`,
  ungated: true,
  expect: ({ secretFile }) => denied("read", secretFile),
  control: bareHost("a Worker without permissions as the only wall"),
  proof: secretReturned,
} satisfies Attack;
