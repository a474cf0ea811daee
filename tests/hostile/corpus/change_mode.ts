import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "change_mode",
  what: "Makes a file open to everybody.",
  module: js`
    export default {
      async run(at, ctx) {
        Deno.chmodSync(at.secretFile, 0o666);
        return "changed";
      },
    };`,
  expect: ({ secretFile }) => denied("write", secretFile),
  control: bareHost("every right, in the realm of the host", { realm: "main" }),
  proof: canaryHit("changed"),
} satisfies Attack;
