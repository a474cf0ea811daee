import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "import_npm_package",
  what: "Imports an npm: package by a computed specifier, which downloads and runs a stranger's " +
    "code; --no-npm forbids it.",
  module: js`
    export default {
      async run(at, ctx) {
        const name = "npm:secret-as-a-name";
        return Object.keys(await import(name));
      },
    };`,
  expect: denied("import"),
  control: bareHost("a Worker without permissions as the only wall", {
    env: ({ tcpPort }) => ({ NPM_CONFIG_REGISTRY: `http://127.0.0.1:${tcpPort}` }),
  }),
  proof: canaryHit("tcp"),
} satisfies Attack;
