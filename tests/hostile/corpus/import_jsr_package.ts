import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "import_jsr_package",
  what: "Imports a jsr: package statically, whose manifest is asked for at the registry.",
  module: js`
    import secret from "jsr:@secret/name";
    export default { run: () => typeof secret };`,
  ungated: true,
  expect: denied("import"),
  control: bareHost("a Worker without permissions as the only wall", {
    env: ({ tcpPort }) => ({ JSR_URL: `http://127.0.0.1:${tcpPort}/` }),
  }),
  proof: canaryHit("tcp"),
} satisfies Attack;
